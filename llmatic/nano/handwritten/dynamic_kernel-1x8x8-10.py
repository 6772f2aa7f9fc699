import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    taps = 3
    maps = 8

    def __init__(self):
        super().__init__()
        self.maker = nn.Linear(64, self.maps * self.taps ** 2)
        self.static = nn.Conv2d(1, self.maps, self.taps)
        self.out = nn.Linear(self.maps * 9, 10)

    def own_filters(self, x):
        n = x.shape[0]
        kernels = torch.tanh(self.maker(x.flatten(1))).view(n, self.maps, -1)
        patches = F.unfold(x, self.taps)
        return (kernels @ patches).view(n, self.maps, 6, 6)

    def forward(self, x):
        y = F.relu(self.static(x) + self.own_filters(x))
        return self.out(F.avg_pool2d(y, 2).flatten(1))
