import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        chans = [2, 8, 16, 24]
        self.convs = nn.ModuleList(
            [nn.Conv2d(a, b, 3, padding=1) for a, b in zip(chans, chans[1:])]
        )
        self.read = nn.Conv2d(sum(chans), 16, 1)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        size = x.shape[-2:]
        columns = [x]
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x)), 2)
            columns.append(F.interpolate(x, size=size, mode="nearest"))
        tall = torch.cat(columns, dim=1)
        tall = F.relu(self.read(tall))
        return self.fc(tall.flatten(2).mean(-1))
