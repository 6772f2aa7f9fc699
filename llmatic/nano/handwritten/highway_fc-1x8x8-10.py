import torch
import torch.nn as nn


class Highway(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.transform = nn.Linear(size, size)
        self.gate = nn.Linear(size, size)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        h = torch.relu(self.transform(x))
        return t * h + (1 - t) * x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(64, 50)
        self.highways = nn.ModuleList([Highway(50) for _ in range(4)])
        self.fc = nn.Linear(50, 10)

    def forward(self, x):
        x = self.proj(torch.flatten(x, 1))
        for highway in self.highways:
            x = highway(x)
        return self.fc(x)
