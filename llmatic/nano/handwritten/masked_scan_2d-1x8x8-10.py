import torch
from torch import nn


class Net(nn.Module):
    """Leaky running sums in four directions by one fixed-shape matrix each."""

    def __init__(self):
        super().__init__()
        self.up = nn.Conv2d(1, 12, 3, padding=1)
        self.rate = nn.Parameter(torch.randn(4, 12, 1, 1))
        lag = torch.arange(8)[:, None] - torch.arange(8)
        self.register_buffer("lag", lag.clamp(min=0).float())
        self.register_buffer("mask", (lag >= 0).float())
        self.fuse = nn.Conv2d(48, 16, 1)
        self.fc = nn.Linear(16 * 16, 10)

    def forward(self, x):
        x = self.up(x)
        a = torch.sigmoid(self.rate) ** self.lag * self.mask
        flip = a.transpose(-1, -2)
        y = [a[0] @ x, flip[1] @ x, x @ a[2], x @ flip[3]]
        y = self.fuse(torch.cat(y, 1)).relu()
        return self.fc(nn.functional.avg_pool2d(y, 2).flatten(1))
