import torch
import torch.nn as nn


class Doll(nn.Module):
    """A convolution around a smaller doll, which sees half the picture."""

    def __init__(self, width, inner=None):
        super().__init__()
        self.shell = nn.Conv2d(width, width, 3, padding=1)
        self.inner = inner
        self.shrink = nn.AvgPool2d(2)
        self.grow = nn.Upsample(scale_factor=2)

    def forward(self, x):
        x = torch.relu(self.shell(x))
        if self.inner is not None:
            x = x + self.grow(self.inner(self.shrink(x)))
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.paint = nn.Conv2d(1, 14, 1)
        self.doll = Doll(14, Doll(14, Doll(14)))
        self.price = nn.Linear(14 * 4, 10)

    def forward(self, x):
        x = self.doll(self.paint(x))
        x = nn.functional.adaptive_avg_pool2d(x, 2)
        return self.price(x.flatten(1))
