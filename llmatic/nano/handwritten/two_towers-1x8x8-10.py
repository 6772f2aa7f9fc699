import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """A small convolution and a large one side by side."""

    def __init__(self):
        super().__init__()
        self.fine = nn.Conv2d(1, 12, 3, padding=1)
        self.coarse = nn.Conv2d(1, 12, 7, padding=3)
        self.mix = nn.Conv2d(24, 32, 1)
        self.fc1 = nn.Linear(32 * 4 * 4, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        fine = F.relu(self.fine(x))
        coarse = F.relu(self.coarse(x))
        both = torch.cat((fine, coarse), dim=1)
        both = F.max_pool2d(F.relu(self.mix(both)), 2)
        hidden = F.relu(self.fc1(both.flatten(1)))
        return self.fc2(hidden)
