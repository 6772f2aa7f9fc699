import torch.nn as nn


class Bottle(nn.Module):
    def __init__(self, i, o, t=3, stride=1):
        super().__init__()
        mid = i * t
        self.skip = stride == 1 and i == o
        self.path = nn.Sequential(
            nn.Conv2d(i, mid, 1), nn.ReLU6(),
            nn.Conv2d(mid, mid, 3, stride, 1, groups=mid), nn.ReLU6(),
            nn.Conv2d(mid, o, 1), nn.BatchNorm2d(o),
        )

    def forward(self, x):
        y = self.path(x)
        return x + y if self.skip else y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, stride=2, padding=1)
        self.b1 = Bottle(12, 12)
        self.b2 = Bottle(12, 20, stride=2)
        self.b3 = Bottle(20, 20, t=4)
        self.head = nn.Linear(20, 7)

    def forward(self, x):
        x = self.stem(x)
        x = self.b3(self.b2(self.b1(x)))
        return self.head(x.mean((2, 3)))
