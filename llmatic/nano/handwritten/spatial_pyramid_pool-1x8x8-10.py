import torch
from torch import nn
from torch.nn import functional as F


def pyramid(x, bins):
    """Max over grids of several finenesses, all in one vector."""
    return torch.cat([F.adaptive_max_pool2d(x, b).flatten(1) for b in bins], dim=1)


class Net(nn.Module):
    bins = (1, 2, 4)

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.deeper = nn.Conv2d(16, 24, 3, padding=1)
        self.answer = nn.Linear(24 * 21, 10)

    def forward(self, x):
        x = self.conv(x).relu()
        x = self.deeper(x).relu()
        return self.answer(pyramid(x, self.bins))
