import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.groups, self.size = 16, 4
        self.inp = nn.Linear(784, 64)
        self.mid = nn.Linear(64, 64)
        self.out = nn.Linear(64, 10)

    def compete(self, h):
        # inside each group the units share one unit of attention
        g = h.view(-1, self.groups, self.size)
        return (g * g.softmax(dim=2)).flatten(1)

    def forward(self, x):
        h = self.compete(self.inp(x.flatten(1)))
        h = self.compete(self.mid(h))
        return self.out(h)
