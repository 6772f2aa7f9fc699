from torch import nn
import torch


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.alpha = nn.Conv2d(1, 16, 3)
        self.beta = nn.Conv2d(16, 16, 3, padding=1, groups=4)
        self.gamma = nn.Conv2d(16, 32, 1)
        self.delta = nn.GroupNorm(8, 32)
        self.epsilon = nn.Parameter(torch.full((1, 16, 1, 1), 0.5))
        self.omega = nn.Linear(32, 10)

    def forward(self, xi):
        psi = self.alpha(xi).relu()
        phi = psi + self.epsilon * self.beta(psi)
        # shuffle the four groups among each other
        phi = phi.unflatten(1, (4, 4)).transpose(1, 2).flatten(1, 2)
        chi = self.delta(self.gamma(phi)).relu()
        mu, sigma = chi.mean((2, 3)), chi.std((2, 3))
        return self.omega(mu + sigma)
