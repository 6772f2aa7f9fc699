import torch
from torch import nn


class RowCol(nn.Module):
    """Y = A X B, a Kronecker-structured linear map."""

    def __init__(self, h, w, h2, w2):
        super().__init__()
        self.A = nn.Parameter(torch.randn(h2, h) * h ** -0.5)
        self.B = nn.Parameter(torch.randn(w, w2) * w ** -0.5)
        self.bias = nn.Parameter(torch.zeros(h2, w2))

    def forward(self, X):
        return self.A @ X @ self.B + self.bias


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            RowCol(8, 8, 24, 24), nn.ReLU(),
            RowCol(24, 24, 16, 16), nn.ReLU(),
            RowCol(16, 16, 8, 8), nn.ReLU(),
        )
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        return self.out(self.layers(x.squeeze(1)).flatten(1))
