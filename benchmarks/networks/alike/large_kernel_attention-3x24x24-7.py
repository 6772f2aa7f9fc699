import torch
from torch import nn


class LKA(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.local = nn.Conv2d(dim, dim, 5, padding=2, groups=dim)
        self.spread = nn.Conv2d(dim, dim, 5, padding=4, dilation=2, groups=dim)
        self.mix = nn.Conv2d(dim, dim, 1)

    def forward(self, x):
        a = self.mix(self.spread(self.local(x)))
        return a * x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        dim = 28
        self.stem = nn.Conv2d(3, dim, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(dim)
        self.lka = LKA(dim)
        self.scale = nn.Parameter(torch.ones(1, dim, 1, 1) * 0.2)
        self.ff = nn.Conv2d(dim, dim, 1)
        self.head = nn.Linear(dim, 7)

    def forward(self, x):
        x = self.bn(self.stem(x))
        x = x + self.scale * self.lka(x)
        x = x + torch.relu(self.ff(x))
        pooled = x.mean(dim=(2, 3))
        return self.head(pooled)
