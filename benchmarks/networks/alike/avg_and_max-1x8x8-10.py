import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3, padding=1)
        self.bn = nn.BatchNorm2d(32)
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.bn(self.conv(x)).relu()
        x = self.conv2(x).relu()
        avg = x.mean(dim=(2, 3))
        top = x.amax(dim=(2, 3))
        both = torch.cat((avg, top), dim=-1)
        return self.fc(both)
