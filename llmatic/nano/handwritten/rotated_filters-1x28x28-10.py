import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    """Filters tied over quarter turns and mirror images."""
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(8, 1, 5, 5) / 5)
        self.v = nn.Parameter(torch.randn(16, 8, 3, 3) / 9)
        self.mlp = nn.Sequential(nn.Flatten(), nn.Linear(16 * 9, 48), nn.ReLU(), nn.Linear(48, 10))

    def turns(self, k):
        return [m.rot90(i, (2, 3)) for m in (k, k.flip(3)) for i in range(4)]

    def forward(self, x):
        x = F.avg_pool2d(x, 2)
        x = torch.stack([F.conv2d(x, k) for k in self.turns(self.w)]).amax(0).relu()
        x = torch.stack([F.conv2d(x, k) for k in self.turns(self.v)]).mean(0).relu()
        return self.mlp(F.adaptive_avg_pool2d(x, 3))
