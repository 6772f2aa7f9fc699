import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 3)
        self.conv2 = nn.Conv2d(10, 20, 3)
        self.fc_pixels = nn.Linear(64, 32)
        self.fc_final = nn.Linear(20 * 4 + 32, 10)

    def forward(self, x):
        pixels = F.relu(self.fc_pixels(x.view(-1, 64)))  # wide part
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2)
        x = torch.cat([x.view(-1, 80), pixels], dim=1)
        return self.fc_final(x)
