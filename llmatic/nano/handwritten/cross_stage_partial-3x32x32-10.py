import torch
import torch.nn as nn


def cbl(i, o, k=3, s=1):
    return nn.Sequential(
        nn.Conv2d(i, o, k, s, k // 2, bias=False),
        nn.BatchNorm2d(o),
        nn.LeakyReLU(0.1),
    )


class CSP(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.work = nn.Sequential(cbl(c // 2, c // 2), cbl(c // 2, c // 2))
        self.close = cbl(c, c, k=1)

    def forward(self, x):
        a, b = torch.split(x, self.c // 2, dim=1)
        b = b + self.work(b)
        return self.close(torch.cat([a, b], 1))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            cbl(3, 16, s=2), CSP(16),
            cbl(16, 32, s=2), CSP(32),
            cbl(32, 48, s=2),
        )
        self.top = nn.Linear(48, 10)

    def forward(self, x):
        x = self.layers(x)
        return self.top(x.amax(3).mean(2))
