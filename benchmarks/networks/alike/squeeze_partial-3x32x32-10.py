import torch
from torch import nn
from torch.nn import functional as F


def gate(c, r=4):
    return nn.Sequential(nn.Linear(c, c // r), nn.ReLU(), nn.Linear(c // r, c), nn.Hardsigmoid())


class Net(nn.Module):
    stem_width, body_width, n_blocks = 12, 24, 3

    def __init__(self):
        super().__init__()
        s, b = self.stem_width, self.body_width
        self.stem = nn.Conv2d(3, s, 4, 4)
        self.grow = nn.Conv2d(s, b, 1)
        for i in range(self.n_blocks):
            setattr(self, f"dw_{i}", nn.Conv2d(b, b, 5, padding=2, groups=b))
            setattr(self, f"gate_{i}", gate(b))
        self.cls = nn.Linear(b, 10)

    def block(self, x, i):
        y = getattr(self, f"dw_{i}")(x)
        g = getattr(self, f"gate_{i}")(y.mean((2, 3)))
        return x + F.hardswish(y) * g[:, :, None, None]

    def forward(self, x):
        x = self.grow(self.stem(x).relu())
        for i in range(self.n_blocks):
            x = self.block(x, i)
        return self.cls(x.mean((2, 3)))
