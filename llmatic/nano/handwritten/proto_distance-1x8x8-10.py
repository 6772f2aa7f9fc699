import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, 48),
            nn.Tanh(),
            nn.Linear(48, 16),
        )
        self.prototypes = nn.Parameter(torch.randn(10, 16))
        self.log_temp = nn.Parameter(torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.encoder(x)
        diff = z.unsqueeze(1) - self.prototypes.unsqueeze(0)
        dist = diff.pow(2).sum(dim=-1)
        return -dist * self.log_temp.exp()
