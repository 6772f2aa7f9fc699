import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Two streams, fine and coarse, that exchange twice."""
    def __init__(self):
        super().__init__()
        self.fine0 = nn.Conv2d(1, 12, 3, padding=1)
        self.coarse0 = nn.Conv2d(1, 24, 3, padding=1, stride=2)
        self.fine = nn.ModuleList([nn.Conv2d(12, 12, 3, padding=1) for _ in range(2)])
        self.coarse = nn.ModuleList([nn.Conv2d(24, 24, 3, padding=1) for _ in range(2)])
        self.down = nn.ModuleList([nn.Conv2d(12, 24, 2, stride=2) for _ in range(2)])
        self.up = nn.ModuleList([nn.Conv2d(24, 12, 1) for _ in range(2)])
        self.out = nn.Linear(36, 4)

    def forward(self, x):
        f, c = F.relu(self.fine0(x)), F.relu(self.coarse0(x))
        for i in range(2):
            f1, c1 = self.fine[i](f), self.coarse[i](c)
            f = F.relu(f1 + F.interpolate(self.up[i](c), scale_factor=2))
            c = F.relu(c1 + self.down[i](f1))
        z = torch.cat([f.mean((2, 3)), c.mean((2, 3))], 1)
        return self.out(z)
