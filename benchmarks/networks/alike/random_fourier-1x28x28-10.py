import math
import torch
import torch.nn as nn

class Net(nn.Module):
    """Random Fourier features of pooled pixels; only the read-out and scale learn."""
    def __init__(self, m=300):
        super().__init__()
        self.register_buffer('W', torch.randn(196, m) / 14)
        self.register_buffer('b', 2 * math.pi * torch.rand(m))
        self.gamma = nn.Parameter(torch.linspace(0.5, 4, m))
        self.head = nn.Linear(m, 10)

    def forward(self, x):
        x = nn.functional.avg_pool2d(x, 2).flatten(1)
        phi = math.sqrt(2) * torch.cos(self.gamma * (x @ self.W) + self.b)
        return self.head(phi)
