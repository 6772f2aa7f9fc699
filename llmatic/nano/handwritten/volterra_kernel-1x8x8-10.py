import torch
from torch import nn
import torch.nn.functional as F


class Volterra2d(nn.Module):
    def __init__(self, cin, cout, k, rank):
        super().__init__()
        self.first = nn.Conv2d(cin, cout, k)
        self.p = nn.Conv2d(cin, cout * rank, k, bias=False)
        self.q = nn.Conv2d(cin, cout * rank, k, bias=False)
        self.rank = rank

    def forward(self, x):
        second = (self.p(x) * self.q(x)).unflatten(1, (-1, self.rank)).sum(2)
        return self.first(x) + second


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.v1 = Volterra2d(1, 8, 3, 2)
        self.g1 = nn.GroupNorm(2, 8)
        self.v2 = Volterra2d(8, 10, 3, 3)
        self.g2 = nn.GroupNorm(2, 10)
        self.fc = nn.Linear(160, 10)

    def forward(self, x):
        x = self.g1(self.v1(x))
        x = self.g2(self.v2(x))
        return self.fc(x.flatten(1))
