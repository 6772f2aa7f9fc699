import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # three prototypes for each class
        self.protos = nn.Parameter(torch.rand(10, 3, 64))
        self.metric = nn.Parameter(torch.ones(64))

    def forward(self, x):
        v = x.flatten(1)[:, None, None, :]
        d = ((v - self.protos) ** 2 * self.metric.abs()).mean(-1)
        return torch.logsumexp(-4.0 * d, dim=2)
