import torch.nn as nn
import torch.nn.functional as F


class SE(nn.Module):
    def __init__(self, ch, r=4):
        super().__init__()
        self.down = nn.Linear(ch, ch // r)
        self.up = nn.Linear(ch // r, ch)

    def forward(self, x):
        s = x.mean((2, 3))
        s = F.relu(self.down(s))
        s = self.up(s).sigmoid()
        return x * s[:, :, None, None]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 24, 5, stride=2, padding=2)
        self.bn1 = nn.BatchNorm2d(24)
        self.se1 = SE(24)
        self.conv2 = nn.Conv2d(24, 48, 3, stride=2, padding=1)
        self.bn2 = nn.BatchNorm2d(48)
        self.se2 = SE(48, r=8)
        self.fc = nn.Linear(48 * 4 * 4, 10)

    def forward(self, x):
        x = self.se1(F.relu(self.bn1(self.conv1(x))))
        x = self.se2(F.relu(self.bn2(self.conv2(x))))
        x = F.avg_pool2d(x, 2)
        return self.fc(x.flatten(1))
