import torch
from torch import nn


class SpatialGate(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 5, padding=2)

    def forward(self, x):
        avg = x.mean(1, keepdim=True)
        mx, _ = x.max(1, keepdim=True)
        gate = self.conv(torch.cat([avg, mx], 1)).sigmoid()
        return x * gate


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 20, 3, padding=1), nn.ReLU(),
            SpatialGate(),
            nn.MaxPool2d(4),
            nn.Conv2d(20, 30, 3, padding=1), nn.ReLU(),
            SpatialGate(),
        )
        self.fc = nn.Linear(30 * 4 * 4, 5)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))
