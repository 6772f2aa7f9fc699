import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        c = 24
        self.first = nn.Conv2d(1, c, 3, stride=2, padding=1)
        self.res = nn.ModuleList([nn.Conv2d(c, c, 3, padding=1) for _ in range(4)])
        # every branch starts switched off
        self.alpha = nn.Parameter(torch.zeros(4))
        self.last = nn.Linear(c * 16, 10)

    def forward(self, x):
        x = F.relu(self.first(x))
        for i, conv in enumerate(self.res):
            x = x + self.alpha[i] * F.relu(conv(x))
        return self.last(x.flatten(1))
