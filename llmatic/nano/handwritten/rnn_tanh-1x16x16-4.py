import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(16, 40, nonlinearity='tanh', batch_first=True)
        self.dropout = nn.Dropout(0.2)
        self.linear = nn.Linear(40, 4)

    def forward(self, x):
        sequence = x.view(-1, 16, 16)
        output, hidden = self.rnn(sequence)
        last = self.dropout(hidden[-1])
        return self.linear(last)
