import torch
from torch import nn


def lane(k, d):
    pad = d * (k - 1) // 2
    return nn.Sequential(nn.Conv2d(8, 8, k, padding=pad, dilation=d), nn.GELU())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lift = nn.Conv2d(1, 32, 3, padding=1)
        self.lanes = nn.ModuleList([lane(1, 1), lane(3, 1), lane(3, 2), lane(5, 1)])
        self.mix = nn.Conv2d(32, 32, 1)
        self.read = nn.Linear(32, 10)

    def forward(self, x):
        x = self.lift(x)
        parts = x.chunk(4, dim=1)
        outs = [f(p) for f, p in zip(self.lanes, parts)]
        x = x + self.mix(torch.cat(outs, 1))
        return self.read(x.amax(dim=(-2, -1)))
