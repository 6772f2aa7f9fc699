import torch.nn as nn
import torch.nn.functional as F


class ECA(nn.Module):
    def __init__(self, k=3):
        super().__init__()
        self.conv = nn.Conv1d(1, 1, k, padding=k // 2, bias=False)

    def forward(self, x):
        y = x.mean((2, 3)).unsqueeze(1)
        y = self.conv(y).sigmoid().squeeze(1)
        return x * y[:, :, None, None]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 3, padding=1)
        self.e1 = ECA()
        self.c2 = nn.Conv2d(16, 32, 3, padding=1)
        self.e2 = ECA(5)
        self.f = nn.Linear(32 * 4, 10)

    def forward(self, x):
        x = F.max_pool2d(self.e1(F.mish(self.c1(x))), 2)
        x = F.max_pool2d(self.e2(F.mish(self.c2(x))), 2)
        return self.f(x.reshape(x.size(0), -1))
