import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.dw = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim)
        self.grow = nn.Linear(dim, 3 * dim)
        self.shrink = nn.Linear(3 * dim, dim)
        self.gamma = nn.Parameter(torch.full((dim,), 0.1))

    def forward(self, x):
        y = self.dw(x).permute(0, 2, 3, 1)
        y = self.norm(y)
        y = self.shrink(nn.functional.gelu(self.grow(y)))
        y = self.gamma * y
        return x + y.permute(0, 3, 1, 2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patchify = nn.Conv2d(3, 32, kernel_size=4, stride=4)
        self.stage1 = nn.Sequential(Block(32), Block(32))
        self.reduce = nn.Conv2d(32, 56, kernel_size=2, stride=2)
        self.stage2 = Block(56)
        self.head = nn.Linear(56, 10)

    def forward(self, x):
        x = self.stage1(self.patchify(x))
        x = self.stage2(self.reduce(x))
        x = x.mean([-2, -1])
        return self.head(x)
