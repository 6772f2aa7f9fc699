import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        w = 36
        self.enter = nn.Linear(64, w)
        self.mid = nn.ModuleList([nn.Linear(w, w) for _ in range(4)])
        self.norms = nn.ModuleList([nn.LayerNorm(w) for _ in range(4)])
        self.leave = nn.Linear(w, 10)

    def forward(self, x):
        x = self.enter(x.flatten(1))
        for lin, norm in zip(self.mid, self.norms):
            x = x + torch.nn.functional.silu(lin(norm(x)))
        return self.leave(x)
