import torch
import torch.nn as nn


def squash(v, dim=-1):
    n2 = (v * v).sum(dim, keepdim=True)
    return v * n2 / (1 + n2) / torch.sqrt(n2 + 1e-8)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.primary = nn.Conv2d(1, 32, 3, stride=2)
        self.W = nn.Parameter(0.1 * torch.randn(36, 10, 8, 6))

    def forward(self, x):
        u = self.primary(x)                      # N, 32, 3, 3
        u = u.view(-1, 4, 8, 9).transpose(2, 3).reshape(-1, 36, 8)
        votes = torch.einsum('nid,ikde->nike', squash(u), self.W)
        caps = squash(votes.sum(1))
        return 5 * caps.norm(dim=-1)
