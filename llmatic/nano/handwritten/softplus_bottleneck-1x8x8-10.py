import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    """Encode to a small code, then classify the code."""

    def __init__(self):
        super().__init__()
        self.enc1 = nn.Linear(64, 48)
        self.enc2 = nn.Linear(48, 12)
        self.cls1 = nn.Linear(12, 32)
        self.cls2 = nn.Linear(32, 10)

    def encode(self, x):
        h = F.softplus(self.enc1(x))
        return torch.tanh(self.enc2(h))

    def classify(self, code):
        h = F.softplus(self.cls1(code))
        return self.cls2(h)

    def forward(self, x):
        return self.classify(self.encode(x.flatten(1)))
