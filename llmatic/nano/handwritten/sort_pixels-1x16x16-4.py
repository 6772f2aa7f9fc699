import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Order statistics of filtered maps, whatever their place."""

    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(1, 10, 3, padding=1)
        self.quant = nn.Linear(64, 6)
        self.out = nn.Linear(60, 4)

    def forward(self, x):
        x = F.avg_pool2d(self.filters(x), 2)
        x, _ = torch.sort(x.flatten(2), dim=2, descending=True)
        x = F.relu(self.quant(x))
        return self.out(x.flatten(1))
