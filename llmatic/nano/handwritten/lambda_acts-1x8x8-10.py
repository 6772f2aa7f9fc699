import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fns = [torch.sin, torch.cos, lambda t: t * torch.exp(-t * t), torch.relu]
        self.projections = nn.ModuleList(nn.Linear(64, 16) for _ in self.fns)
        self.combine = nn.Linear(16, 10)

    def forward(self, x):
        x = x.flatten(start_dim=1)
        h = 0
        for fn, proj in zip(self.fns, self.projections):
            h = h + fn(proj(x))
        return self.combine(h)
