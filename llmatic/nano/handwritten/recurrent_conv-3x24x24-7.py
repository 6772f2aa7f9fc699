import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        ch = 16
        self.stem = nn.Conv2d(3, ch, 4, stride=2, padding=1)
        self.lateral = nn.Conv2d(ch, ch, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([nn.GroupNorm(4, ch) for _ in range(3)])
        self.classify = nn.Linear(ch * 4, 7)

    def forward(self, x):
        drive = self.stem(x)
        state = F.relu(drive)
        for norm in self.norms:
            state = F.relu(norm(drive + self.lateral(state)))
        pooled = F.adaptive_avg_pool2d(state, 2)
        return self.classify(pooled.flatten(1))
