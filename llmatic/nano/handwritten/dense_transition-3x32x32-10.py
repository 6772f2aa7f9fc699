import torch
import torch.nn as nn


class DenseBlock(nn.Module):
    def __init__(self, c, k, n):
        super().__init__()
        self.units = nn.ModuleList(
            [nn.Conv2d(c + i * k, k, 3, padding=1) for i in range(n)]
        )
        self.out = c + n * k

    def forward(self, x):
        feats = [x]
        for u in self.units:
            feats.append(u(torch.cat(feats, 1)).relu())
        return torch.cat(feats, 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 12, 3, stride=2, padding=1)
        self.block1 = DenseBlock(12, 6, 3)
        self.trans = nn.Sequential(nn.Conv2d(self.block1.out, 16, 1), nn.AvgPool2d(2))
        self.block2 = DenseBlock(16, 8, 3)
        self.bn = nn.BatchNorm2d(self.block2.out)
        self.fc = nn.Linear(self.block2.out, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.trans(self.block1(x))
        x = self.bn(self.block2(x)).relu()
        return self.fc(x.mean((2, 3)))
