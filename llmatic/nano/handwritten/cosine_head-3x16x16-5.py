import torch, torch.nn as nn, torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.c2 = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.w = nn.Parameter(torch.randn(5, 32))
        self.s = nn.Parameter(torch.tensor(10.0))

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.relu(self.c2(x))
        x = x.mean((2, 3))
        return self.s * F.linear(F.normalize(x, dim=1), F.normalize(self.w, dim=1))
