import torch
import torch.nn as nn


class Net(nn.Module):
    """Which filters fire together, not where."""

    def __init__(self):
        super().__init__()
        n = 14
        self.filters = nn.Sequential(
            nn.Conv2d(3, n, 5, padding=2),
            nn.ReLU(),
            nn.Conv2d(n, n, 3, padding=1),
            nn.ReLU(),
        )
        self.norm = nn.LayerNorm(n * n)
        self.fc = nn.Linear(n * n, 5)

    def forward(self, x):
        f = self.filters(x)
        gram = torch.einsum("nihw,njhw->nij", f, f) / (f.shape[2] * f.shape[3])
        return self.fc(self.norm(gram.flatten(1)))
