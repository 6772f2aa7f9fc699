import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(1, 96, kernel_size=5, bias=False)
        self.shift = nn.Parameter(torch.zeros(96, 1, 1))
        self.readout = nn.Linear(96 * 4, 10)

    def forward(self, x):
        r = self.filters(x)
        r = (r - self.shift).relu()
        r = nn.functional.max_pool2d(r, 2)
        return self.readout(r.flatten(1))
