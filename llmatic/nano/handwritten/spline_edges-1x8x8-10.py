import torch
from torch import nn
import torch.nn.functional as F

class Hats(nn.Module):
    def __init__(self, i, o, g=7):
        super().__init__()
        self.register_buffer("knots", torch.linspace(-2, 2, g))
        self.gap = 4 / (g - 1)
        self.coef = nn.Linear(i * g, o, bias=False)
        self.base = nn.Linear(i, o)

    def forward(self, x):
        hat = F.relu(1 - (x.unsqueeze(-1) - self.knots).abs() / self.gap)
        return self.base(F.silu(x)) + self.coef(hat.flatten(1))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.AvgPool2d(2, 1)
        self.kan = nn.Sequential(nn.Flatten(), Hats(49, 20), nn.BatchNorm1d(20), Hats(20, 10))

    def forward(self, x):
        return self.kan(self.pool(x))
