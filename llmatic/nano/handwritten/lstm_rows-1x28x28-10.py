import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.hidden_size = 48
        self.num_layers = 1
        self.lstm = nn.LSTM(28, self.hidden_size, self.num_layers, batch_first=True)
        self.fc = nn.Linear(self.hidden_size, 10)

    def forward(self, x):
        x = x.squeeze(1)
        # set initial hidden and cell states
        h0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size)
        c0 = torch.zeros(self.num_layers, x.size(0), self.hidden_size)

        out, _ = self.lstm(x, (h0, c0))  # (batch, seq, hidden)

        # use the last time step
        out = self.fc(out[:, -1, :])
        return out
