import torch
import torch.nn as nn


class Net(nn.Module):
    """Soft decision tree: 3 levels, 8 leaves."""

    def __init__(self):
        super().__init__()
        self.splits = nn.ModuleList([nn.Linear(64, 2 ** i) for i in range(3)])
        self.leaves = nn.Linear(64, 8 * 10)

    def forward(self, x):
        x = x.flatten(1)
        reach = torch.ones_like(x[:, :1])
        for split in self.splits:
            go = torch.sigmoid(split(x))
            reach = torch.stack([reach * go, reach * (1 - go)], dim=2).flatten(1)
        leaf = self.leaves(x).view(-1, 8, 10)
        return (reach.unsqueeze(2) * leaf).sum(1)
