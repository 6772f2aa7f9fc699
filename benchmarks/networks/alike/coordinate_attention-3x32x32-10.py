import torch
import torch.nn as nn
import torch.nn.functional as F


class CoordGate(nn.Module):
    def __init__(self, c, m):
        super().__init__()
        self.reduce = nn.Conv2d(c, m, 1)
        self.to_h = nn.Conv2d(m, c, 1)
        self.to_w = nn.Conv2d(m, c, 1)

    def forward(self, x):
        h = x.mean(3, keepdim=True)
        w = x.mean(2, keepdim=True)
        h = F.hardswish(self.reduce(h))
        w = F.hardswish(self.reduce(w))
        return x * torch.sigmoid(self.to_h(h)) * torch.sigmoid(self.to_w(w))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 20, 4, stride=4)
        self.gate = CoordGate(20, 8)
        self.conv = nn.Conv2d(20, 40, 3, padding=1)
        self.gate2 = CoordGate(40, 8)
        self.norm = nn.GroupNorm(4, 40)
        self.cls = nn.Linear(40, 10)

    def forward(self, x):
        x = self.gate(self.down(x))
        x = self.gate2(self.norm(self.conv(x)))
        x = F.relu(x).mean([2, 3])
        return self.cls(x)
