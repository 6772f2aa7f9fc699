import math
import torch
from torch import nn


def dct_matrix(n):
    k = torch.arange(n).float().unsqueeze(1)
    t = torch.arange(n).float().unsqueeze(0)
    return torch.cos(math.pi / n * (t + 0.5) * k) * math.sqrt(2.0 / n)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("D", dct_matrix(8))
        self.gain = nn.Parameter(torch.ones(8, 8))
        self.mlp = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        spectrum = self.D @ x[:, 0] @ self.D.t()
        return self.mlp((spectrum * self.gain).flatten(1))
