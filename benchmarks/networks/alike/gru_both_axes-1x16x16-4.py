import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.horizontal = nn.GRU(16, 20, batch_first=True)
        self.vertical = nn.GRU(16, 20, batch_first=True)
        self.merge = nn.Linear(40, 4)

    def forward(self, x):
        x = x.squeeze(1)
        _, h = self.horizontal(x)
        _, v = self.vertical(x.transpose(1, 2))
        both = torch.cat([h[0], v[0]], dim=-1)
        return self.merge(both)
