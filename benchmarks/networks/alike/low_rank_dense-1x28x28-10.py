import torch.nn as nn
import torch.nn.functional as F


def factored(i, o, r):
    return nn.Sequential(nn.Linear(i, r, bias=False), nn.Linear(r, o))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = [784, 256, 256, 128]
        ranks = [24, 16, 12]
        self.ups = nn.ModuleList([factored(a, b, r) for a, b, r in zip(sizes, sizes[1:], ranks)])
        self.bns = nn.ModuleList([nn.BatchNorm1d(b) for b in sizes[1:]])
        self.last = nn.Linear(sizes[-1], 10)

    def forward(self, x):
        x = x.flatten(1)
        for up, bn in zip(self.ups, self.bns):
            x = F.leaky_relu(bn(up(x)), 0.1)
        return self.last(x)
