import torch.nn as nn


class ConvMixerLayer(nn.Module):
    def __init__(self, dim, k):
        super().__init__()
        self.spatial = nn.Sequential(nn.Conv2d(dim, dim, k, groups=dim, padding='same'), nn.GELU(), nn.BatchNorm2d(dim))
        self.channel = nn.Sequential(nn.Conv2d(dim, dim, 1), nn.GELU(), nn.BatchNorm2d(dim))

    def forward(self, x):
        x = x + self.spatial(x)
        return self.channel(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        dim, depth = 40, 3
        self.fold = nn.PixelUnshuffle(4)
        self.embed = nn.Conv2d(16, dim, 1)
        self.blocks = nn.ModuleList([ConvMixerLayer(dim, 5) for _ in range(depth)])
        self.fc = nn.Linear(dim, 10)

    def forward(self, x):
        x = self.embed(self.fold(x))
        for b in self.blocks:
            x = b(x)
        return self.fc(x.mean(dim=(2, 3)))
