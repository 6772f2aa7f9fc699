import math
import torch
import torch.nn as nn


def dct_matrix(n):
    k = torch.arange(n).float().unsqueeze(1)
    i = torch.arange(n).float().unsqueeze(0)
    m = torch.cos(math.pi / n * (i + 0.5) * k) * math.sqrt(2 / n)
    m[0] = 1 / math.sqrt(n)
    return m


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("D", dct_matrix(8))
        self.weight = nn.Parameter(torch.ones(8, 8))
        self.fc1 = nn.Linear(64, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        spectrum = self.D @ x @ self.D.t()
        spectrum = (spectrum * self.weight).flatten(1)
        return self.fc2(torch.relu(self.fc1(spectrum)))
