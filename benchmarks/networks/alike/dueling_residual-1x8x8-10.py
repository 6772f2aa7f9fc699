import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Dueling head: a shared value plus centred advantages."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, stride=1, padding=1)
        self.down = nn.Conv2d(16, 24, 2, stride=2)
        self.value = nn.Linear(384, 1)
        self.advantage = nn.Linear(384, 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.relu(self.down(x)).flatten(1)
        v = self.value(x)
        a = self.advantage(x)
        return v + a - a.mean(dim=1, keepdim=True)
