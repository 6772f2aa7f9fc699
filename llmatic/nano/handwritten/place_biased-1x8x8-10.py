import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # the network is told where it is looking
        line = torch.linspace(-1, 1, 8)
        gy = line.view(1, 1, 8, 1).expand(1, 1, 8, 8)
        gx = line.view(1, 1, 1, 8).expand(1, 1, 8, 8)
        self.register_buffer("grid", torch.cat([gy, gx], 1))
        self.conv1 = nn.Conv2d(3, 24, 3, padding=1)
        self.conv2 = nn.Conv2d(26, 32, 3, padding=1)
        self.fc = nn.Linear(32, 10)

    def where(self, x):
        return torch.cat([x, self.grid.expand(x.size(0), -1, -1, -1)], 1)

    def forward(self, x):
        x = F.relu(self.conv1(self.where(x)))
        x = F.relu(self.conv2(self.where(x)))
        return self.fc(x.amax(dim=(2, 3)))
