import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Conv2d(2, 6, 3, padding="same")
        self.w2 = nn.Conv2d(6, 12, 3, padding="same")
        self.w3 = nn.Conv2d(12, 18, 3, padding="same")
        self.s1 = nn.Linear(6, 3)
        self.s2 = nn.Linear(12, 3)
        self.s3 = nn.Linear(18, 3)

    @staticmethod
    def avg(t):
        return t.mean(dim=3).mean(dim=2)

    def forward(self, x):
        y1 = F.relu(self.w1(x)); z1 = self.s1(self.avg(y1))
        y2 = F.relu(self.w2(F.max_pool2d(y1, 2))); z2 = self.s2(self.avg(y2))
        y3 = F.relu(self.w3(F.max_pool2d(y2, 2))); z3 = self.s3(self.avg(y3))
        return z1 + z2 + z3
