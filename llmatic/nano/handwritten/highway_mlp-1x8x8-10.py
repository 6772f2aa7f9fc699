import torch
import torch.nn as nn
import torch.nn.functional as F


class Highway(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.transform = nn.Linear(size, size)
        self.gate = nn.Linear(size, size)
        nn.init.constant_(self.gate.bias, -1.0)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        return t * F.relu(self.transform(x)) + (1 - t) * x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.squash = nn.Linear(64, 32)
        self.highways = nn.Sequential(*[Highway(32) for _ in range(4)])
        self.final = nn.Linear(32, 10)

    def forward(self, x):
        x = self.squash(x.flatten(1))
        return self.final(self.highways(x))
