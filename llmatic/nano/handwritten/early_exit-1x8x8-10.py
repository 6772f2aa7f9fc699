import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 16, 3, padding=1)
        self.exit_a = nn.Linear(16, 10)
        self.second = nn.Conv2d(16, 16, 3, padding=1, padding_mode="circular")
        self.exit_b = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        quick = self.exit_a(x.mean((-2, -1)))
        x = x + F.relu(self.second(x))
        slow = self.exit_b(x.mean((-2, -1)))
        if self.training:
            return 0.5 * (quick + slow)
        return torch.lerp(slow, quick, 0.3)
