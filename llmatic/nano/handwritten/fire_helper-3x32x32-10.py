import torch as t
from torch import nn


class Par(nn.ModuleList):
    def forward(self, x):
        return t.cat([branch(x) for branch in self], dim=1)


def seq(*parts):
    return nn.Sequential(*parts)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        C, P = nn.Conv2d, nn.MaxPool2d
        self.n = seq(
            C(3, 8, 3, 2, 1), nn.ReLU(),
            Par([C(8, 8, 1), seq(C(8, 4, 1), C(4, 8, 3, padding=1)), P(3, 1, 1)]),
            nn.ReLU(), P(2),
            C(24, 12, 1),
            Par([C(12, 12, (1, 5), padding=(0, 2)), C(12, 12, (5, 1), padding=(2, 0))]),
            nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(24, 10),
        )

    def forward(self, x):
        return self.n(x)
