import torch
import torch.nn as nn


class Inception(nn.Module):
    def __init__(self, c_in):
        super().__init__()
        self.branch1 = nn.Conv2d(c_in, 8, 1)
        self.branch3 = nn.Conv2d(c_in, 12, 3, padding=1)
        self.branch5 = nn.Conv2d(c_in, 4, 5, padding=2)
        self.branch_pool = nn.Sequential(
            nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(c_in, 8, 1)
        )

    def forward(self, x):
        branches = [self.branch1(x), self.branch3(x), self.branch5(x), self.branch_pool(x)]
        return torch.relu(torch.cat(branches, dim=1))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inc1 = Inception(1)
        self.inc2 = Inception(32)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.pool(self.inc1(x))
        x = self.inc2(x)
        x = x.amax(dim=(-2, -1))
        return self.fc(x)
