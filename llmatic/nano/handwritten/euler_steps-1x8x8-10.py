from torch import nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lift = nn.Conv2d(1, 16, 3, padding=1)
        self.f1 = nn.Conv2d(16, 16, 3, padding=1)
        self.f2 = nn.Conv2d(16, 16, 3, padding=1)
        self.read = nn.Linear(16 * 4, 10)

    def dx(self, x):
        return self.f2(F.softplus(self.f1(x))).tanh()

    def forward(self, x, steps=6):
        x = self.lift(x)
        for _ in range(steps):
            x = x + self.dx(x) / steps
        return self.read(F.adaptive_avg_pool2d(x, 2).flatten(1))
