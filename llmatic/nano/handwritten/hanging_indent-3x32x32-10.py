from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, kernel_size=3,
                              stride=2, padding=1)
        self.depth = nn.Conv2d(16, 16, kernel_size=5,
                               padding=2, groups=16)
        self.point = nn.Conv2d(
            16, 48,
            kernel_size=1)
        self.reduce = nn.Conv2d(48, 24, kernel_size=3, stride=2,
                                padding=1,
                                bias=False)
        self.bn = nn.BatchNorm2d(24,
                                 momentum=0.05)
        self.fc = nn.Linear(24 * 4 * 4,
                            10)

    def forward(self, x):
        x = F.relu6(self.stem(x))
        x = F.relu6(self.point(
            self.depth(x)))
        x = F.relu6(
            self.bn(self.reduce(x)))
        x = F.avg_pool2d(x,
                         kernel_size=2)
        return self.fc(x.flatten(1))
