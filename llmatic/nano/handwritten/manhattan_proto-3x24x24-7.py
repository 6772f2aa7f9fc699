import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 12, 4, stride=4),
            nn.InstanceNorm2d(12, affine=True),
            nn.ReLU(),
            nn.Conv2d(12, 24, 3),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d((2, 2)),
            nn.Flatten(),
        )
        self.anchors = nn.Parameter(torch.rand(7, 96))
        self.offset = nn.Parameter(torch.zeros(7))

    def forward(self, x):
        return self.offset - torch.cdist(self.backbone(x), self.anchors, p=1.0)
