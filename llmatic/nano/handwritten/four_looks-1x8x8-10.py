import torch
import torch.nn as nn


class Net(nn.Module):
    """One network sees the picture and its mirror images; logits are averaged."""

    def __init__(self):
        super().__init__()
        self.eye = nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, 40),
            nn.GELU(),
            nn.Linear(40, 10),
        )
        self.trust = nn.Parameter(torch.tensor([1.0, 0.1, 0.1]))

    def forward(self, x):
        looks = torch.stack([
            self.eye(x),
            self.eye(x.flip(-1)),
            self.eye(x.flip(-2)),
        ])
        return torch.einsum("v,vnk->nk", self.trust, looks)
