import torch
from torch import nn
from torch.nn import functional as F


def double(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1), nn.ReLU(),
                         nn.Conv2d(o, o, 3, padding=1), nn.ReLU())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1 = double(1, 8)
        self.down2 = double(8, 16)
        self.bottom = double(16, 24)
        self.up2 = nn.ConvTranspose2d(24, 16, 2, stride=2)
        self.merge2 = double(32, 16)
        self.up1 = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.merge1 = double(16, 8)
        self.score = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        s1 = self.down1(x)
        s2 = self.down2(F.max_pool2d(s1, 2))
        b = self.bottom(F.max_pool2d(s2, 2))
        u2 = self.merge2(torch.cat([self.up2(b), s2], 1))
        u1 = self.merge1(torch.cat([self.up1(u2), s1], 1))
        return self.score(u1).mean((2, 3))
