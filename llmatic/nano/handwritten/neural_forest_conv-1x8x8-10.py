import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        T, D = 8, 4
        self.feat = nn.Linear(64, T * D)
        self.temp = nn.Parameter(torch.ones(T * D))
        bits = torch.arange(2 ** D)[:, None] >> torch.arange(D) & 1
        self.register_buffer("bits", bits.float())
        self.leaf = nn.Parameter(torch.randn(T, 2 ** D, 10) * 0.1)
        self.T, self.D = T, D

    def forward(self, x):
        f = (self.feat(x.flatten(1)) * self.temp).view(-1, self.T, self.D)
        go, stay = F.logsigmoid(f), F.logsigmoid(-f)
        logp = go @ self.bits.t() + stay @ (1 - self.bits).t()
        return torch.einsum("btl,tlk->bk", logp.exp(), self.leaf)
