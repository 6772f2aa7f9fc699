import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mercury = nn.Conv2d(3, 8, kernel_size=3, stride=2)
        self.venus = nn.Conv2d(8, 16, kernel_size=3, stride=2)
        self.earth = nn.Conv2d(16, 32, kernel_size=3)
        self.moon = nn.Conv2d(16, 32, kernel_size=1)
        self.sun = nn.Parameter(torch.randn(7, 32))
        self.brightness = nn.Parameter(torch.tensor(8.))

    def forward(self, light):
        light = F.silu(self.mercury(light))
        light = F.silu(self.venus(light))
        day = self.earth(light)
        night = self.moon(light)[:, :, 1:-1, 1:-1]
        sky = torch.maximum(day, night)
        view = F.normalize(sky.mean(dim=[2, 3]), dim=1)
        return self.brightness * F.linear(view, F.normalize(self.sun, dim=1))
