import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        k, parts, d = 10, 3, 20
        self.embed = nn.Sequential(nn.Flatten(), nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, d))
        self.mu = nn.Parameter(torch.randn(k, parts, d))
        self.log_prec = nn.Parameter(torch.zeros(k, parts, d))
        self.weight = nn.Parameter(torch.zeros(k, parts))

    def forward(self, x):
        z = self.embed(x)[:, None, None, :]
        quad = (z - self.mu).square() * self.log_prec.exp()
        log_density = 0.5 * (self.log_prec - quad).sum(-1)
        return torch.logsumexp(log_density + F.log_softmax(self.weight, 1), dim=2)
