import torch
import torch.nn as nn


class Maxout(nn.Module):
    def __init__(self, n_in, n_out, pieces=3):
        super().__init__()
        self.n_out, self.pieces = n_out, pieces
        self.lin = nn.Linear(n_in, n_out * pieces)

    def forward(self, x):
        y = self.lin(x)
        return y.view(-1, self.n_out, self.pieces).max(dim=2)[0]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.m1 = Maxout(64, 40)
        self.m2 = Maxout(40, 24, pieces=2)
        self.last = nn.Linear(24, 10)

    def forward(self, x):
        return self.last(self.m2(self.m1(x.flatten(1))))
