import torch.nn as nn


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, width):
        super().__init__()
        full = width * self.expansion
        self.reduce = nn.Conv2d(full, width, 1)
        self.spatial = nn.Conv2d(width, width, 3, padding=1)
        self.expand = nn.Conv2d(width, full, 1)
        self.relu = nn.ReLU()

    def forward(self, x):
        identity = x
        out = self.relu(self.reduce(x))
        out = self.relu(self.spatial(out))
        out = self.expand(out)
        out += identity
        return self.relu(out)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 32, 4, stride=4), nn.ReLU())
        self.b1 = Bottleneck(8)
        self.b2 = Bottleneck(8)
        self.fc = nn.Linear(32 * 16, 3)

    def forward(self, x):
        x = self.stem(x)
        x = self.b1(x)
        x = self.b2(x)
        return self.fc(x.view(x.shape[0], -1))
