import torch
import torch.nn as nn


def channel_shuffle(x, groups):
    b, c, h, w = x.shape
    x = x.view(b, groups, c // groups, h, w).transpose(1, 2)
    return x.reshape(b, c, h, w)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 32, 3, padding=1)
        self.g1 = nn.Conv2d(32, 32, 3, padding=1, groups=4)
        self.g2 = nn.Conv2d(32, 32, 3, stride=2, padding=1, groups=4)
        self.relu = nn.ReLU()
        self.fc = nn.Linear(32 * 16, 10)

    def forward(self, x):
        x = self.relu(self.stem(x))
        x = channel_shuffle(self.relu(self.g1(x)), 4)
        x = self.relu(self.g2(x))
        return self.fc(torch.flatten(x, 1))
