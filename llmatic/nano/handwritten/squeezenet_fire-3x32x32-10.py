import torch
import torch.nn as nn


class Fire(nn.Module):
    def __init__(self, inplanes, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(inplanes, squeeze, 1)
        self.expand1x1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3x3 = nn.Conv2d(squeeze, expand, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.relu(self.squeeze(x))
        return torch.cat([
            self.relu(self.expand1x1(x)),
            self.relu(self.expand3x3(x)),
        ], 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 24, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
            Fire(24, 8, 16),
            nn.MaxPool2d(2),
            Fire(32, 12, 24),
            nn.MaxPool2d(2),
        )
        self.final_conv = nn.Conv2d(48, 10, kernel_size=1)

    def forward(self, x):
        x = self.final_conv(self.features(x))
        return x.mean(dim=3).mean(dim=2)
