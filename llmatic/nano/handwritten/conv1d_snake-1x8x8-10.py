import torch
from torch import nn


class Net(nn.Module):

    KERNELS = [9, 5, 3]
    CHANNELS = [12, 16, 20]

    def __init__(self):
        super().__init__()
        modules = []
        c = 1
        for k, o in zip(self.KERNELS, self.CHANNELS):
            modules.append(nn.Conv1d(c, o, k, stride=2, padding=k // 2))
            modules.append(nn.BatchNorm1d(o))
            modules.append(nn.ELU())
            c = o
        self.reader = nn.Sequential(*modules)
        self.out = nn.Linear(c * 8, 10)

    def unroll(self, x):
        # every other row is read backwards
        there = x[:, 0, 0::2]
        back = x[:, 0, 1::2].flip(-1)
        return torch.stack([there, back], dim=2).reshape(x.shape[0], 1, -1)

    def forward(self, x):
        return self.out(self.reader(self.unroll(x)).flatten(1))
