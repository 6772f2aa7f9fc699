import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        c = [1, 6, 12, 18]
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        for i in range(3):
            self.down.append(nn.Conv2d(c[i], c[i + 1], 3, padding=1))
        for i in (2, 1):
            self.up.append(nn.ConvTranspose2d(c[i + 1], c[i], 2, stride=2))
        self.mask = nn.Conv2d(c[1], 4, 1)

    def forward(self, x):
        skips = []
        for conv in self.down[:-1]:
            x = F.relu(conv(x))
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = F.relu(self.down[-1](x))
        for up in self.up:
            x = F.relu(up(x) + skips.pop())
        return self.mask(x).mean(dim=(-2, -1))
