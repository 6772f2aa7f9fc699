import torch
from torch import nn
from torch.nn import functional as F


def lipschitz(layer):
    nn.init.orthogonal_(layer.weight)
    return layer


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = lipschitz(nn.Linear(64, 48))
        self.mid = nn.ModuleList([lipschitz(nn.Linear(48, 48)) for _ in range(3)])
        self.out = nn.Linear(48, 4)

    @staticmethod
    def group_sort(x):
        pairs = x.unflatten(1, (-1, 2))
        return torch.stack([pairs.amin(2), pairs.amax(2)], dim=2).flatten(1)

    def forward(self, x):
        x = F.avg_pool2d(x, kernel_size=2).flatten(1)
        x = self.group_sort(self.inp(x))
        for m in self.mid:
            x = self.group_sort(m(x))
        return self.out(x)
