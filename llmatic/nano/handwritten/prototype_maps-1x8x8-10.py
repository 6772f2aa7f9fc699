import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 24, 2, stride=2),
            nn.Flatten(),
        )
        self.prototypes = nn.Parameter(torch.randn(10, 96))
        self.scale = nn.Parameter(torch.tensor(8.0))

    def forward(self, x):
        z = F.normalize(self.encoder(x), dim=1)
        p = F.normalize(self.prototypes, dim=1)
        return self.scale * (z @ p.t())
