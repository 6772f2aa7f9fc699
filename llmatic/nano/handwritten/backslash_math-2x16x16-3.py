import math
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        d = 16
        self.Wq = nn.Linear(8, d, bias=False)
        self.Wk = nn.Linear(8, d, bias=False)
        self.Wv = nn.Linear(8, d, bias=False)
        self.pos = nn.Parameter(0.02 * torch.randn(64, 8))
        self.Wo = nn.Linear(d, 3)
        self.temp = 1 / math.sqrt(d)

    def forward(self, X):
        P = nn.functional.pixel_unshuffle(X, 2).flatten(2).mT + self.pos
        Q, K, V = self.Wq(P), self.Wk(P), self.Wv(P)
        A = torch.softmax(self.temp * Q @ K.mT, dim=-1)
        Y = A @ V
        M = Y.mean(dim=1) \
            + Y.amax(dim=1) \
            - Y.amin(dim=1)
        return self.Wo(M)
