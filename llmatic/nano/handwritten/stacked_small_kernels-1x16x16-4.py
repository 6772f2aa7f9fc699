import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([
            nn.Conv2d(1, 8, 3),
            nn.Conv2d(8, 12, 3),
            nn.Conv2d(12, 16, 3),
            nn.Conv2d(16, 20, 3),
        ])
        self.bns = nn.ModuleList([nn.BatchNorm2d(c) for c in (8, 12, 16, 20)])
        self.pool = nn.AvgPool2d(4)
        self.fc = nn.Linear(20 * 2 * 2, 4)

    def forward(self, x):
        for conv, bn in zip(self.convs, self.bns):
            x = F.relu(bn(conv(x)))
        x = self.pool(x)
        x = x.view(x.size(0), -1)
        return self.fc(x)
