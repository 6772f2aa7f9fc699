import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.shapes = [(12, 3, 3, 3), (16, 12, 3, 3), (24, 16, 3, 3)]
        self.z = nn.ParameterList([nn.Parameter(torch.randn(8)) for _ in self.shapes])
        biggest = 24 * 16 * 9
        self.hyper = nn.Linear(8, biggest)
        self.norms = nn.ModuleList([nn.GroupNorm(4, s[0]) for s in self.shapes])
        self.fc = nn.Linear(24, 10)

    def forward(self, x):
        for z, s, n in zip(self.z, self.shapes, self.norms):
            count = s[0] * s[1] * s[2] * s[3]
            k = self.hyper(z)[:count].view(s) / (s[1] * 9) ** 0.5
            x = F.conv2d(x, k, stride=2, padding=1)
            x = F.silu(n(x))
        return self.fc(x.mean(dim=(2, 3)))
