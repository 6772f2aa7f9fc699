import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        v = torch.linspace(-1, 1, 8)
        yy, xx = torch.meshgrid(v, v, indexing="ij")
        where = torch.stack([xx, yy, xx.hypot(yy)])
        self.register_buffer("where", where[None])
        self.pix = nn.Sequential(
            nn.Conv2d(4, 32, 1), nn.ReLU(),
            nn.Conv2d(32, 48, 1), nn.ReLU(),
        )
        self.post = nn.Sequential(nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        x = torch.cat([x, self.where.repeat(len(x), 1, 1, 1)], 1)
        x = self.pix(x)
        return self.post(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1))
