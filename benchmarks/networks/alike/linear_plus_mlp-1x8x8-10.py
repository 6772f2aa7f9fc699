import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(64, 10)
        self.deep1 = nn.Linear(64, 32)
        self.deep2 = nn.Linear(32, 10, bias=False)

    def forward(self, x):
        x = x.flatten(1)
        straight = self.wide(x)
        bent = self.deep2(torch.relu(self.deep1(x)))
        return straight + bent
