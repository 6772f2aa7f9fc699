from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    """Feature pyramid; every level votes."""
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 3, padding=1, stride=2)
        self.c2 = nn.Conv2d(12, 24, 3, padding=1, stride=2)
        self.c3 = nn.Conv2d(24, 32, 3, padding=1, stride=2)
        self.l1 = nn.Conv2d(12, 16, 1)
        self.l2 = nn.Conv2d(24, 16, 1)
        self.l3 = nn.Conv2d(32, 16, 1)
        self.vote = nn.Conv2d(16, 4, 3, padding=1)

    def forward(self, x):
        a = F.relu(self.c1(x))
        b = F.relu(self.c2(a))
        c = F.relu(self.c3(b))
        p3 = self.l3(c)
        p2 = self.l2(b) + F.interpolate(p3, scale_factor=2)
        p1 = self.l1(a) + F.interpolate(p2, scale_factor=2)
        total = 0
        for p in (p1, p2, p3):
            total = total + self.vote(p).mean((2, 3))
        return total / 3
