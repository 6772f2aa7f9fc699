import torch
from torch import nn


class Net(nn.Module):
    """A stream that splits in arms of growing reach and meets the sea."""

    def __init__(self):
        super().__init__()
        self.source = nn.Conv2d(1, 8, kernel_size=3, stride=2, padding=1)
        self.arms = nn.ModuleList()
        for reach in (1, 2, 3, 4):
            self.arms.append(nn.Conv2d(8, 6, kernel_size=3, padding=reach, dilation=reach))
        self.sea = nn.Linear(6 * 4, 4)

    def forward(self, water):
        water = torch.relu(self.source(water))
        mouths = [torch.relu(arm(water)).amax(dim=(2, 3)) for arm in self.arms]
        return self.sea(torch.cat(mouths, dim=1))
