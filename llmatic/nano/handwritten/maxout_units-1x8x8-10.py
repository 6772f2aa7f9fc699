import torch.nn as nn


class Net(nn.Module):
    """Two maxout layers, three pieces each."""

    def __init__(self):
        super().__init__()
        self.pieces = 3
        self.hidden1 = nn.Linear(64, 40 * self.pieces)
        self.hidden2 = nn.Linear(40, 30 * self.pieces)
        self.drop = nn.Dropout(0.15)
        self.out = nn.Linear(30, 10)

    def maxout(self, z, units):
        return z.view(-1, units, self.pieces).max(dim=2).values

    def forward(self, x):
        x = x.reshape(-1, 64)
        x = self.maxout(self.hidden1(x), 40)
        x = self.drop(x)
        x = self.maxout(self.hidden2(x), 30)
        return self.out(x)
