from collections import OrderedDict
import torch
from torch import nn


def mlp(sizes, act=nn.ReLU):
    steps = OrderedDict()
    for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
        if i:
            steps[f"act{i}"] = act()
        steps[f"lin{i}"] = nn.Linear(a, b)
    return nn.Sequential(steps)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.per_row = mlp([8, 24, 12])
        self.per_col = mlp([8, 24, 12], act=nn.Tanh)
        self.joint = mlp([24, 32, 10], act=nn.SiLU)

    def forward(self, x):
        x = x.squeeze(1)
        r = self.per_row(x).amax(1)
        c = self.per_col(x.transpose(1, 2)).amin(1)
        return self.joint(torch.cat([r, c], dim=1))
