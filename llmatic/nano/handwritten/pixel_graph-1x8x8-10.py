import torch
import torch.nn as nn


def lattice(n):
    i = torch.arange(n * n)
    y, x = i // n, i % n
    d = (y[:, None] - y).abs() + (x[:, None] - x).abs()
    a = (d <= 1).float()
    s = a.sum(1) ** -0.5
    return s[:, None] * a * s


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("adj", lattice(8))
        self.embed = nn.Parameter(torch.randn(64, 15) * 0.3)
        self.g1 = nn.Linear(16, 32)
        self.g2 = nn.Linear(32, 32)
        self.g3 = nn.Linear(32, 32)
        self.readout = nn.Linear(64, 10)

    def forward(self, x):
        h = torch.cat([x.flatten(2).transpose(1, 2), self.embed.expand(len(x), -1, -1)], -1)
        h = h * (1 + h[..., :1])
        for g in (self.g1, self.g2, self.g3):
            h = torch.relu(g(self.adj @ h))
        return self.readout(torch.cat([h.mean(1), h.max(1).values], 1))
