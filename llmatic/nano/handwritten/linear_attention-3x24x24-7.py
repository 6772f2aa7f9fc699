import torch
import torch.nn as nn
import torch.nn.functional as F


class LinearAttention(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.to_q = nn.Linear(dim, dim)
        self.to_k = nn.Linear(dim, dim)
        self.to_v = nn.Linear(dim, dim)

    def forward(self, x):
        q = F.elu(self.to_q(x)) + 1
        k = F.elu(self.to_k(x)) + 1
        kv = torch.einsum("ntd,nte->nde", k, self.to_v(x))
        z = 1 / torch.einsum("ntd,nd->nt", q, k.sum(1))
        return torch.einsum("ntd,nde,nt->nte", q, kv, z)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(3, 32, kernel_size=3, stride=3)
        self.norm = nn.LayerNorm(32)
        self.attention = LinearAttention(32)
        self.fc = nn.Linear(32, 7)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = x + self.attention(self.norm(x))
        return self.fc(F.relu(x).mean(dim=1))
