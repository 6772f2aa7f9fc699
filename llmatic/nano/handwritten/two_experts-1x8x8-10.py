import torch
from torch import nn
import torch.nn.functional as F


def expert(act):
    return nn.Sequential(nn.Linear(64, 32), act, nn.Linear(32, 10))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.sharp = expert(nn.ReLU())
        self.smooth = expert(nn.Tanh())
        self.router = nn.Linear(64, 2)

    def forward(self, x):
        x = x.flatten(start_dim=1)
        p = F.softmax(self.router(x), dim=1)
        a, b = p.chunk(2, dim=1)
        return a * self.sharp(x) + b * self.smooth(x)
