import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Every image brings its own 3x3 filters."""

    def __init__(self):
        super().__init__()
        self.ctx = nn.Sequential(nn.Flatten(), nn.Linear(64, 24), nn.Tanh())
        self.make_w = nn.Linear(24, 12 * 9)
        self.make_b = nn.Linear(24, 12)
        self.fc = nn.Linear(12 * 9, 10)

    def forward(self, x):
        n = x.size(0)
        c = self.ctx(x)
        w = self.make_w(c).view(n * 12, 1, 3, 3)
        b = self.make_b(c).flatten()
        y = F.conv2d(x.view(1, n, 8, 8), w, b, groups=n)
        y = F.max_pool2d(F.relu(y.view(n, 12, 6, 6)), 2)
        return self.fc(y.flatten(1))
