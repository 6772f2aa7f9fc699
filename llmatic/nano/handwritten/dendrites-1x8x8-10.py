import torch
import torch.nn as nn


class Net(nn.Module):
    """Neurons with several dendrites, each on a fixed random set of pixels."""

    def __init__(self):
        super().__init__()
        units, arms, fan = 48, 4, 10
        taps = torch.stack([torch.randperm(64)[:fan] for _ in range(units * arms)])
        self.register_buffer("taps", taps.view(units, arms, fan))
        self.w = nn.Parameter(torch.randn(units, arms, fan) / fan ** 0.5)
        self.threshold = nn.Parameter(torch.zeros(units, arms))
        self.norm = nn.BatchNorm1d(units)
        self.axon = nn.Linear(units, 10)

    def forward(self, x):
        seen = x.flatten(1)[:, self.taps]
        arms = (seen * self.w).sum(-1) - self.threshold
        soma = torch.celu(arms).sum(-1)
        return self.axon(self.norm(soma))
