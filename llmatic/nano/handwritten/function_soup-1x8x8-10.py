import torch
import torch.nn as nn
import torch.nn.functional as F


def norm(x):
    return F.layer_norm(x, x.shape[1:])


def shift(x):
    return torch.roll(x, shifts=1, dims=3) - torch.roll(x, shifts=-1, dims=3)


def tilt(x):
    return torch.roll(x, shifts=1, dims=2) - torch.roll(x, shifts=-1, dims=2)


def soup(x):
    return torch.cat([x, shift(x), tilt(x)], dim=1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.spoon = nn.Conv2d(3, 16, 1)
        self.fork = nn.Conv2d(48, 16, 1)
        self.knife = nn.Linear(16 * 4, 10)

    def forward(self, x):
        x = F.gelu(norm(self.spoon(soup(x))))
        x = F.gelu(norm(self.fork(soup(x))))
        return self.knife(F.avg_pool2d(x, 4).flatten(1))
