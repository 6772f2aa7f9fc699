import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hi = nn.Conv2d(3, 8, 3, padding=1, stride=2)
        self.lo = nn.Conv2d(3, 8, 3, padding=1, stride=2)
        self.hi2hi = nn.Conv2d(8, 16, 3, padding=1)
        self.hi2lo = nn.Conv2d(8, 16, 3, padding=1)
        self.lo2hi = nn.Conv2d(8, 16, 1)
        self.lo2lo = nn.Conv2d(8, 16, 3, padding=1)
        self.cls = nn.Linear(32 * 4, 10)

    def forward(self, im):
        h = F.relu(self.hi(im))
        l = F.relu(self.lo(F.avg_pool2d(im, 2)))
        h2 = self.hi2hi(h) + F.interpolate(self.lo2hi(l), scale_factor=2)
        l2 = self.lo2lo(l) + self.hi2lo(F.avg_pool2d(h, 2))
        h2, l2 = F.relu(h2), F.relu(l2)
        v = torch.cat([F.adaptive_avg_pool2d(t, 2) for t in (h2, l2)], 1)
        return self.cls(v.flatten(1))
