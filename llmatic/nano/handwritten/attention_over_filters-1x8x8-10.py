import torch
from torch import nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bank = nn.Parameter(torch.randn(6, 16, 1, 3, 3) / 3)
        self.a = nn.Linear(64, 6)
        self.t = 2.0
        self.dw = nn.Conv2d(16, 32, 3, stride=2, groups=16)
        self.o = nn.Linear(288, 10)

    def forward(self, x):
        a = F.softmax(self.a(x.flatten(1)) / self.t, -1)
        y = F.conv2d(x, self.bank.flatten(0, 1), padding=1).unflatten(1, (6, 16))
        y = F.relu((a[:, :, None, None, None] * y).sum(1))
        return self.o(self.dw(y).relu().flatten(1))
