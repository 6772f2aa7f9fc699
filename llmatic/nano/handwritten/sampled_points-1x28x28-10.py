import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.points = 25
        self.where = nn.Sequential(nn.Linear(49, 32), nn.ReLU(), nn.Linear(32, 2 * self.points))
        self.conv = nn.Conv2d(1, 12, 5, padding=2)
        self.mlp = nn.Sequential(nn.Linear(12 * self.points, 64), nn.ReLU(), nn.Linear(64, 10))
        nn.init.uniform_(self.where[2].bias, -1, 1)

    def forward(self, x):
        glance = F.avg_pool2d(x, 4).flatten(1)
        grid = self.where(glance).tanh().view(-1, self.points, 1, 2)
        maps = F.relu(self.conv(x))
        seen = F.grid_sample(maps, grid, align_corners=False)
        return self.mlp(seen.flatten(1))
