import torch
from torch import nn


def conv(i, o, k):
    return nn.Conv2d(i, o, k, padding="same")


class IncRes(nn.Module):
    def __init__(self, c, scale=0.3):
        super().__init__()
        self.b0 = conv(c, 8, 1)
        self.b1 = nn.Sequential(conv(c, 8, 1), nn.ReLU(), conv(8, 8, (1, 3)), conv(8, 8, (3, 1)))
        self.up = conv(16, c, 1)
        self.scale = scale

    def forward(self, x):
        branches = torch.cat([self.b0(x), self.b1(x)], dim=1)
        return torch.relu(x + self.scale * self.up(branches))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(1, 32, 3), nn.BatchNorm2d(32), nn.ReLU(), nn.AvgPool2d(2))
        self.blocks = nn.Sequential(IncRes(32), IncRes(32), IncRes(32, scale=0.5))
        self.fc = nn.Linear(32 * 16, 10)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).flatten(1))
