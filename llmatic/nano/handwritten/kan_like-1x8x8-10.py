import torch
from torch import nn


class Curves(nn.Module):
    """Each edge carries a sum of hat functions of its input."""

    def __init__(self, n_in, n_out, knots=5):
        super().__init__()
        self.register_buffer("knots", torch.linspace(-1.0, 1.0, knots))
        self.height = nn.Parameter(torch.randn(n_in, knots, n_out) / (n_in * knots) ** 0.5)

    def forward(self, x):
        hats = (1 - 2 * (x.unsqueeze(-1) - self.knots).abs()).clamp(min=0)
        return torch.einsum("nik,iko->no", hats, self.height)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(64)
        self.outer = Curves(64, 16)
        self.inner = Curves(16, 10)

    def forward(self, x):
        x = torch.tanh(self.norm(x.flatten(1)))
        return self.inner(torch.tanh(self.outer(x)))
