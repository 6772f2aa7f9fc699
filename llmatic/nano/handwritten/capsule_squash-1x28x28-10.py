import torch
import torch.nn as nn
import torch.nn.functional as F


def squash(s, dim=-1):
    sq = (s ** 2).sum(dim, keepdim=True)
    return sq / (1 + sq) * s / torch.sqrt(sq + 1e-8)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 7, stride=3)
        self.primary = nn.Conv2d(16, 32, 4, stride=2)
        self.digit = nn.Linear(32 * 9, 80)

    def forward(self, x):
        x = F.relu(self.conv(x))
        u = self.primary(x)                      # N, 32, 3, 3
        u = u.flatten(2).transpose(1, 2).reshape(-1, 36, 8)
        u = squash(u).flatten(1)
        caps = squash(self.digit(u).view(-1, 10, 8))
        return 6 * caps.norm(dim=-1)
