import torch
import torch.nn as nn
from torch.nn import functional as F

WIDTH = 36
NUM_CLASSES = 10


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        w = WIDTH // 3
        # three parallel views of the image, each with its own reach
        self.point = nn.Conv2d(1, w, 1)
        self.square = nn.Conv2d(1, w, 3, padding=1)
        self.dilated = nn.Conv2d(1, w, 3, padding=2, dilation=2)
        # depthwise then pointwise
        self.dw = nn.Conv2d(WIDTH, WIDTH, 3, padding=1, groups=WIDTH)
        self.pw = nn.Conv2d(WIDTH, 24, 1)
        self.norm = nn.BatchNorm2d(24)
        self.fc = nn.Linear(24 * (1 + 4 + 16), NUM_CLASSES)

    def forward(self, x):
        h = torch.cat([self.point(x), self.square(x), self.dilated(x)], dim=1)
        h = F.leaky_relu(h, 0.1)
        h = F.leaky_relu(self.norm(self.pw(self.dw(h))), 0.1)
        levels = [F.adaptive_max_pool2d(h, s).flatten(1) for s in (1, 2, 4)]
        return self.fc(torch.cat(levels, dim=1))
