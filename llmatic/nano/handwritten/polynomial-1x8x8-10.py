import torch
import torch.nn as nn


class Net(nn.Module):
    '''Factorised polynomial of degree three in the pixels.'''

    def __init__(self):
        super().__init__()
        rank = 30
        self.u1 = nn.Linear(64, rank)
        self.u2 = nn.Linear(64, rank)
        self.u3 = nn.Linear(64, rank)
        self.c = nn.Linear(rank, 10)

    def forward(self, x):
        x = x.view(x.size(0), 64)
        out = self.u1(x)
        out = self.u2(x) * out + out
        out = self.u3(x) * out + out
        return self.c(out)
