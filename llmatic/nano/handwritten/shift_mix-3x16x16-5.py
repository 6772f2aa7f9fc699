import torch
import torch.nn as nn


def shift(x):
    a, b, c, d = x.chunk(4, dim=1)
    return torch.cat([
        a.roll(1, dims=2),
        b.roll(-1, dims=2),
        c.roll(1, dims=3),
        d.roll(-1, dims=3),
    ], dim=1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, kernel_size=2, stride=2)
        self.p1 = nn.Conv2d(32, 32, 1)
        self.p2 = nn.Conv2d(32, 32, 1)
        self.n1 = nn.GroupNorm(1, 32)
        self.n2 = nn.GroupNorm(1, 32)
        self.out = nn.Linear(32, 5)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.p1(shift(self.n1(x).relu()))
        x = x + self.p2(shift(self.n2(x).relu()))
        return self.out(x.mean((-2, -1)))
