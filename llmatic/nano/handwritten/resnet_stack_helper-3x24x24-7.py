import torch.nn as nn
import torch.nn.functional as F


def conv3x3(in_planes, out_planes, stride=1):
    return nn.Conv2d(in_planes, out_planes, 3, stride=stride, padding=1, bias=False)


class ResBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a, self.b = conv3x3(c, c), conv3x3(c, c)
        self.na, self.nb = nn.BatchNorm2d(c), nn.BatchNorm2d(c)

    def forward(self, x):
        y = F.relu(self.na(self.a(x)))
        return F.relu(x + self.nb(self.b(y)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.prep = conv3x3(3, 12, stride=2)
        self.group1 = nn.Sequential(ResBlock(12), ResBlock(12))
        self.widen = conv3x3(12, 24, stride=2)
        self.group2 = nn.Sequential(ResBlock(24))
        self.fc = nn.Linear(24, 7)

    def forward(self, x):
        x = self.group1(self.prep(x))
        x = self.group2(self.widen(x))
        x = F.avg_pool2d(x, 6).view(-1, 24)
        return self.fc(x)
