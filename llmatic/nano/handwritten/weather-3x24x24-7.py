import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.sunrise = nn.Conv2d(3, 12, kernel_size=3, stride=3)
        self.wind = nn.Conv2d(12, 12, kernel_size=(1, 5), padding=(0, 2))
        self.rain = nn.Conv2d(12, 12, kernel_size=(5, 1), padding=(2, 0))
        self.fog = nn.LocalResponseNorm(4)
        self.cloud = nn.Conv2d(36, 24, kernel_size=2, stride=2)
        self.forecast = nn.Linear(24 * 16, 7)

    def forward(self, sky):
        dawn = F.relu(self.sunrise(sky))
        windy = F.relu(self.wind(dawn))
        rainy = F.relu(self.rain(dawn))
        storm = windy * rainy
        noon = self.fog(torch.cat([windy, rainy, storm], dim=1))
        dusk = F.relu(self.cloud(noon))
        return self.forecast(dusk.flatten(1))
