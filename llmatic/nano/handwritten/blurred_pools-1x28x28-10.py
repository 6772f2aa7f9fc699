import torch
from torch import nn
import torch.nn.functional as F


class Blur(nn.Module):
    def __init__(self, channels):
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0])
        kernel = line[:, None] * line[None, :] / 16
        self.register_buffer("kernel", kernel.repeat(channels, 1, 1, 1))
        self.channels = channels

    def forward(self, x):
        return F.conv2d(x, self.kernel, stride=2, padding=1, groups=self.channels)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), Blur(12),
            nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), Blur(24),
            nn.Conv2d(24, 32, 3), nn.ReLU(), Blur(32),
        )
        self.fc = nn.Linear(32 * 9, 10)

    def forward(self, x):
        return self.fc(self.net(x).flatten(1))
