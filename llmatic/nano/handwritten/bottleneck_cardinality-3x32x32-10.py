import torch.nn as nn
import torch.nn.functional as F


class ResNeXtBlock(nn.Module):
    def __init__(self, channels, mid, groups):
        super().__init__()
        self.reduce = nn.Conv2d(channels, mid, 1, bias=False)
        self.group = nn.Conv2d(mid, mid, 3, padding=1, groups=groups, bias=False)
        self.expand = nn.Conv2d(mid, channels, 1, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = F.relu(self.reduce(x))
        out = F.relu(self.group(out))
        out = self.bn(self.expand(out))
        return F.relu(out + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 48, 4, stride=2, padding=1)
        self.blocks = nn.ModuleList([ResNeXtBlock(48, 24, 6) for _ in range(3)])
        self.classifier = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 2)
        for block in self.blocks:
            x = block(x)
        x = F.adaptive_avg_pool2d(x, 1).squeeze(3).squeeze(2)
        return self.classifier(x)
