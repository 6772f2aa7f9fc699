import torch
from torch import nn


def wing(d):
    return nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.ModuleList([wing(32) for _ in range(3)])
        self.g = nn.ModuleList([wing(32) for _ in range(3)])
        self.exit = nn.Linear(64, 10)

    def forward(self, x):
        left, right = x.flatten(1).split(32, dim=1)
        for f, g in zip(self.f, self.g):
            left = left + f(right)
            right = right + g(left)
        return self.exit(torch.cat((left, right), dim=1))
