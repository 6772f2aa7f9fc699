import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.big = nn.Conv2d(3, 24, 7, stride=2, padding=3)
        self.bn = nn.BatchNorm2d(24)
        self.small = nn.Conv2d(24, 32, 3, padding=1)
        self.fc1 = nn.Linear(32 * 4 * 4, 48)
        self.fc2 = nn.Linear(48, 5)

    def forward(self, x):
        x = F.relu6(self.bn(self.big(x)))
        x = F.max_pool2d(F.relu6(self.small(x)), 2)
        x = F.relu6(self.fc1(x.flatten(1)))
        return self.fc2(x)
