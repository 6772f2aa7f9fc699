import torch
import torch.nn as nn


class Net(nn.Module):
    r"""y = W2 phi(W1 x) with phi(z) = z * sigmoid(beta * z + gamma)."""

    def __init__(self):
        super().__init__()
        n, m, k = 64, 72, 10
        self.W1 = nn.Parameter(torch.randn(m, n) / n ** 0.5)
        self.b1 = nn.Parameter(torch.zeros(m))
        self.beta = nn.Parameter(torch.ones(m))
        self.gamma = nn.Parameter(torch.zeros(m))
        self.W2 = nn.Parameter(torch.randn(k, m) / m ** 0.5)
        self.b2 = nn.Parameter(torch.zeros(k))

    def phi(self, z):
        return z * torch.sigmoid(self.beta * z + self.gamma)

    def forward(self, x):
        x = x.flatten(1)
        z = x @ self.W1.T + self.b1
        return self.phi(z) @ self.W2.T + self.b2
