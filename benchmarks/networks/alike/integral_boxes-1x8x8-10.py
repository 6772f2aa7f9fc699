import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Sums over soft boxes, as in face detectors of old."""

    def __init__(self):
        super().__init__()
        n = 48
        self.lo = nn.Parameter(torch.rand(2, n, 1) * 6)
        self.size = nn.Parameter(torch.rand(2, n, 1) * 4)
        self.register_buffer("pos", torch.arange(8).float())
        self.out = nn.Sequential(nn.BatchNorm1d(n), nn.ReLU(), nn.Linear(n, 10))

    def forward(self, x):
        hi = self.lo + F.softplus(self.size)
        box = torch.sigmoid(3 * (self.pos - self.lo)) - torch.sigmoid(3 * (self.pos - hi))
        rows, cols = box
        return self.out(torch.einsum("bcij,ni,nj->bn", x, rows, cols))
