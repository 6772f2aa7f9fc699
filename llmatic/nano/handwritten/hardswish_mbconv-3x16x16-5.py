from torch import nn


class InvertedResidual(nn.Module):
    def __init__(self, c, expand=3):
        super().__init__()
        h = c * expand
        self.conv = nn.Sequential(
            nn.Conv2d(c, h, 1, bias=False),
            nn.BatchNorm2d(h),
            nn.Hardswish(),
            nn.Conv2d(h, h, 3, padding=1, groups=h, bias=False),
            nn.BatchNorm2d(h),
            nn.Hardswish(),
            nn.Conv2d(h, c, 1, bias=False),
            nn.BatchNorm2d(c),
        )

    def forward(self, x):
        return x + self.conv(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.stage = nn.Sequential(InvertedResidual(16), InvertedResidual(16))
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.head = nn.Linear(64, 5)

    def forward(self, x):
        x = self.stage(self.stem(x))
        return self.head(self.pool(x).flatten(1))
