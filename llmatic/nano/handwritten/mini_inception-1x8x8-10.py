import torch
import torch.nn as nn
import torch.nn.functional as F


class Branches(nn.Module):
    def __init__(self, c_in, c_each):
        super().__init__()
        self.one = nn.Conv2d(c_in, c_each, 1)
        self.three = nn.Conv2d(c_in, c_each, 3, padding=1)
        self.five = nn.Conv2d(c_in, c_each, 5, padding=2)
        self.pool = nn.Conv2d(c_in, c_each, 1)

    def forward(self, x):
        p = F.max_pool2d(x, 3, stride=1, padding=1)
        return F.relu(torch.cat([self.one(x), self.three(x), self.five(x), self.pool(p)], dim=1))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = Branches(1, 6)
        self.b = Branches(24, 8)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.a(x)
        x = F.max_pool2d(x, 2)
        x = self.b(x)
        return self.fc(x.mean(dim=(2, 3)))
