import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stripes = nn.Conv2d(1, 40, (28, 1))
        self.bands = nn.Conv2d(1, 40, (1, 28))
        self.mix = nn.Conv1d(80, 64, 3, padding=1, stride=2)
        self.squeeze = nn.Linear(64, 8)
        self.excite = nn.Linear(8, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        v = self.stripes(x).squeeze(2)
        h = self.bands(x).squeeze(3)
        z = F.relu(self.mix(F.relu(torch.cat([v, h], dim=1))))
        pooled = z.mean(-1)
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(pooled))))
        return self.out(z.amax(-1) * gate)
