import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.rnn = nn.RNN(8, 24, num_layers=2, nonlinearity='relu', batch_first=True)
        self.linear = nn.Linear(24 * 8, 10)

    def forward(self, x):
        cols = x[:, 0].transpose(1, 2)
        out, _ = self.rnn(cols)
        out = out.reshape(out.size(0), -1)
        return self.linear(out)
