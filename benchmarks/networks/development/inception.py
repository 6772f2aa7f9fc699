import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # three views of the image, side by side
        self.small = nn.Conv2d(1, 8, kernel_size=1)
        self.medium = nn.Conv2d(1, 8, kernel_size=3, padding=1)
        self.large = nn.Conv2d(1, 8, kernel_size=5, padding=2)
        self.pool = nn.AvgPool2d(2)
        self.norm = nn.BatchNorm2d(24)
        self.out = nn.Linear(24 * 4 * 4, 10)

    def forward(self, x):
        views = torch.cat([self.small(x), self.medium(x), self.large(x)], dim=1)
        x = torch.relu(self.norm(views))
        x = self.pool(x)
        return self.out(torch.flatten(x, 1))
