import torch.nn as nn
import torch.nn.functional as F


class SELayer(nn.Module):
    def __init__(self, channel, reduction=4):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channel, channel // reduction),
            nn.ReLU(),
            nn.Linear(channel // reduction, channel),
            nn.Sigmoid(),
        )

    def forward(self, x):
        b, c, _, _ = x.size()
        y = x.mean((2, 3))
        y = self.fc(y).view(b, c, 1, 1)
        return x * y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_in = nn.Conv2d(1, 24, 3, padding=1)
        self.conv_a = nn.Conv2d(24, 24, 3, padding=1)
        self.bn_a = nn.BatchNorm2d(24)
        self.se = SELayer(24)
        self.fc = nn.Linear(24 * 4 * 4, 10)

    def forward(self, x):
        x = F.relu(self.conv_in(x))
        residual = x
        x = self.se(self.bn_a(self.conv_a(x)))
        x = F.relu(x + residual)
        x = F.avg_pool2d(x, 2)
        return self.fc(x.flatten(1))
