import torch.nn as nn


class Net(nn.Module):
    """Network in network."""

    def __init__(self):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(3, 24, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(24, 16, 1), nn.ReLU(), nn.Conv2d(16, 16, 1), nn.ReLU())
        self.b = nn.Sequential(nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(32, 24, 1), nn.ReLU())
        self.c = nn.Sequential(nn.Conv2d(24, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 10, 1))
        self.gap = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = self.a(x)
        x = self.b(x)
        x = self.c(x)
        return self.gap(x).flatten(1)
