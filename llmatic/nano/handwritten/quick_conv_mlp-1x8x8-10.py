import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        filters = 14
        self.conv = nn.Conv2d(1, filters, 3, bias=False)
        self.pool = nn.MaxPool2d(2)
        self.hidden = nn.Linear(filters * 3 * 3, 36)
        self.logits = nn.Linear(36, 10)

    def forward(self, x):
        maps = torch.relu(self.conv(x))
        maps = self.pool(maps)
        h = torch.relu(self.hidden(maps.flatten(1)))
        return self.logits(h)
