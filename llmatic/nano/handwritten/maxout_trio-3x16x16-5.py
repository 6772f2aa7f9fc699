import torch.nn as nn


class MaxoutConv(nn.Module):
    pieces = 3

    def __init__(self, fan_in, fan_out, **kwargs):
        super().__init__()
        self.fan_out = fan_out
        self.conv = nn.Conv2d(fan_in, fan_out * self.pieces, **kwargs)

    def forward(self, x):
        y = self.conv(x)
        y = y.view(y.size(0), self.fan_out, self.pieces, y.size(2), y.size(3))
        return y.max(dim=2).values


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hop = MaxoutConv(3, 10, kernel_size=3, stride=2, padding=1)
        self.skip = MaxoutConv(10, 16, kernel_size=3, stride=2, padding=1)
        self.jump = MaxoutConv(16, 20, kernel_size=4)
        self.land = nn.Linear(20, 5)

    def forward(self, x):
        x = self.hop(x)
        x = self.skip(x)
        x = self.jump(x)
        return self.land(x.flatten(1))
