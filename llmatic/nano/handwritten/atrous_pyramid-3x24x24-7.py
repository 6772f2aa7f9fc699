import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=1, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        )
        rates = [1, 2, 4]
        self.pyramid = nn.ModuleList()
        for rate in rates:
            self.pyramid.append(nn.Conv2d(32, 12, 3, padding=rate, dilation=rate))
        self.image_level = nn.Conv2d(32, 12, 1)
        self.project = nn.Conv2d(48, 7, 1)

    def forward(self, x):
        x = self.backbone(x)
        h, w = x.shape[2], x.shape[3]
        found = [conv(x) for conv in self.pyramid]
        whole = self.image_level(F.adaptive_avg_pool2d(x, 1))
        found.append(whole.expand(-1, -1, h, w))
        y = F.relu(torch.cat(found, 1))
        return self.project(y).mean((2, 3))
