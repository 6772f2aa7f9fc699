import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.m = nn.ModuleList([
            nn.Conv2d(1, 8, 3, padding=1),
            nn.Conv2d(1, 8, 5, padding=2),
            nn.BatchNorm2d(16),
            nn.Conv2d(16, 8, 3, stride=2),
            nn.Linear(72, 10),
        ])

    def forward(self, x):
        a, b, norm, down, fc = self.m
        x = torch.cat([a(x), b(x)], 1)
        x = norm(x).relu()
        x = down(x).relu()
        return fc(x.flatten(1))
