import torch
import torch.nn as nn


class Fire(nn.Module):
    def __init__(self, inp, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inp, squeeze, 1)
        self.left = nn.Conv2d(squeeze, expand, 1)
        self.right = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        s = self.squeeze(x).relu()
        return torch.cat([self.left(s), self.right(s)], 1).relu()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            Fire(32, 8, 24),
            nn.MaxPool2d(2),
            Fire(48, 12, 32),
            Fire(64, 12, 32),
            nn.MaxPool2d(2),
            nn.Conv2d(64, 10, 1),
        )

    def forward(self, x):
        return self.net(x).mean(dim=[2, 3])
