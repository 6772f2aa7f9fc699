import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.horizontal = nn.Conv2d(1, 16, kernel_size=(1, 5), padding=(0, 2))
        self.vertical = nn.Conv2d(1, 16, kernel_size=(5, 1), padding=(2, 0))
        self.merge = nn.Conv2d(16, 24, kernel_size=3, stride=2, padding=1)
        self.fc = nn.Linear(24 * 4 * 4, 10)

    def forward(self, x):
        strokes = F.relu(self.horizontal(x)) + F.relu(self.vertical(x))
        merged = F.relu(self.merge(strokes))
        return self.fc(torch.flatten(merged, 1))
