import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, 2, 1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, 1, 1),
            nn.ReLU(),
        )
        self.theta = nn.Conv2d(32, 16, 1)
        self.phi = nn.Conv2d(32, 16, 1)
        self.g = nn.Conv2d(32, 32, 1)
        self.alpha = nn.Parameter(torch.zeros(1) + 0.5)
        self.to_logits = nn.Linear(32, 4)

    def forward(self, img):
        f = self.encoder(img)
        q = self.theta(f).flatten(2).transpose(1, 2)
        k = self.phi(f).flatten(2)
        v = self.g(f).flatten(2).transpose(1, 2)
        attn = torch.softmax(q @ k / 4.0, dim=-1)
        looked = attn @ v
        tokens = f.flatten(2).transpose(1, 2) + self.alpha * looked
        return self.to_logits(tokens.mean(1))
