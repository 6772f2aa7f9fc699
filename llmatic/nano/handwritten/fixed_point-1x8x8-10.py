import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inject = nn.Linear(64, 72)
        self.W = nn.Linear(72, 72, bias=False)
        self.ln = nn.LayerNorm(72)
        self.cls = nn.Linear(72, 10)

    def forward(self, x):
        """Iterate z = f(z, x) for a while, a poor man's equilibrium."""
        u = self.inject(x.flatten(1))
        z = torch.zeros_like(u)
        for _ in range(8):
            z = 0.5 * z + 0.5 * torch.relu(self.ln(self.W(z) + u))
        return self.cls(z)
