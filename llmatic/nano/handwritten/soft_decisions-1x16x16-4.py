import torch
import torch.nn as nn


class Net(nn.Module):
    """Four soft trees of depth three; leaves hold class scores."""

    def __init__(self):
        super().__init__()
        self.trees, self.depth = 4, 3
        self.encode = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten())
        self.split = nn.Linear(128, self.trees * 7)
        self.leaves = nn.Parameter(0.1 * torch.randn(self.trees, 8, 4))

    def forward(self, x):
        s = self.split(self.encode(x)).view(-1, self.trees, 7).sigmoid()
        path = torch.ones_like(s[:, :, :1])
        start = 0
        for level in range(self.depth):
            n = 2 ** level
            g = s[:, :, start:start + n]
            path = torch.stack([path * g, path * (1 - g)], dim=3).flatten(2)
            start += n
        return torch.einsum("btl,tlk->bk", path, self.leaves)
