import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    """One basis of matrices, blended anew for every layer."""
    def __init__(self, d=48, layers=4, basis=3):
        super().__init__()
        self.enter = nn.Linear(64, d)
        self.basis = nn.Parameter(torch.randn(basis, d, d) / d ** 0.5)
        self.blend = nn.Parameter(torch.randn(layers, basis))
        self.bias = nn.Parameter(torch.zeros(layers, d))
        self.leave = nn.Linear(d, 10)

    def forward(self, x):
        h = self.enter(x.flatten(1))
        W = torch.tensordot(self.blend.softmax(-1), self.basis, dims=1)
        for w, b in zip(W, self.bias):
            h = h + F.gelu(F.linear(F.layer_norm(h, h.shape[1:]), w, b))
        return self.leave(h)
