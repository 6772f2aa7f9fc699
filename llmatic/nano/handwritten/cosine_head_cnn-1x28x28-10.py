import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveMaxPool2d(2),
            nn.Flatten(),
        )
        self.prototypes = nn.Parameter(torch.randn(10, 128))
        self.log_scale = nn.Parameter(torch.tensor(2.0))

    def forward(self, x):
        z = F.normalize(self.backbone(x), dim=1)
        p = F.normalize(self.prototypes, dim=1)
        return self.log_scale.exp() * (z @ p.t())
