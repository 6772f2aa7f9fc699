import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    # one convolution, used five times; only the norms differ
    def __init__(self):
        super().__init__()
        self.times = 5
        self.open = nn.Conv2d(1, 28, 3, padding=1)
        self.again = nn.Conv2d(28, 28, 3, padding=1)
        self.norms = nn.ModuleList([nn.GroupNorm(4, 28) for _ in range(self.times)])
        self.close = nn.Linear(28 * 4, 10)

    def forward(self, x):
        x0 = self.open(x)
        h = x0
        for t in range(self.times):
            h = F.relu(self.norms[t](self.again(h)) + x0)
        h = F.adaptive_avg_pool2d(h, 2)
        return self.close(h.flatten(1))
