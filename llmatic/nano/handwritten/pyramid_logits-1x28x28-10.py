import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pools = nn.ModuleList(nn.AdaptiveAvgPool2d(s) for s in (1, 2, 4, 7))
        self.fcs = nn.ModuleList(nn.Linear(8 * s * s, 10) for s in (1, 2, 4, 7))
        self.conv = nn.Conv2d(1, 16, 5, stride=2, padding=2)
        self.trust = nn.Parameter(torch.zeros(4))

    def forward(self, x):
        a, b = self.conv(x).chunk(2, 1)
        x = torch.maximum(a, b)
        weights = self.trust.softmax(0)
        return sum(w * fc(pool(x).flatten(1)) for w, fc, pool in zip(weights, self.fcs, self.pools))
