import torch
import torch.nn as nn

LANES = 40


class Street(nn.Module):
    def __init__(self):
        super().__init__()
        self.tollroad = nn.Linear(LANES, LANES)
        self.signal = nn.Linear(LANES, LANES)
        nn.init.constant_(self.signal.bias, -1.5)

    def forward(self, cars):
        green = torch.sigmoid(self.signal(cars))
        return green * torch.relu(self.tollroad(cars)) + (1 - green) * cars


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ramp = nn.Conv2d(1, 10, 4, stride=4)
        self.road = nn.Sequential(*[Street() for _ in range(3)])
        self.exit = nn.Linear(LANES, 10)

    def forward(self, cars):
        return self.exit(self.road(self.ramp(cars).flatten(1)))
