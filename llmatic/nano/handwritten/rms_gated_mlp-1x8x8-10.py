import torch
from torch import nn
import torch.nn.functional as F


class RMSNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        rms = x.pow(2).mean(-1, keepdim=True).add(1e-6).rsqrt()
        return x * rms * self.scale


class SwiGLU(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.norm = RMSNorm(dim)
        self.w1 = nn.Linear(dim, hidden)
        self.w2 = nn.Linear(dim, hidden)
        self.w3 = nn.Linear(hidden, dim)

    def forward(self, x):
        h = self.norm(x)
        return x + self.w3(F.silu(self.w1(h)) * self.w2(h))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Linear(64, 40)
        self.ffn1 = SwiGLU(40, 56)
        self.ffn2 = SwiGLU(40, 56)
        self.lm_head = nn.Linear(40, 10, bias=False)

    def forward(self, x):
        return self.lm_head(self.ffn2(self.ffn1(self.tok(x.flatten(1)))))
