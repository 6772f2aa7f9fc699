from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gated1 = nn.Conv2d(1, 32, 3, padding=1)
        self.gated2 = nn.Conv2d(16, 48, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.linear = nn.Linear(24 * 16, 40)
        self.final = nn.Linear(20, 10)

    def forward(self, x):
        x = F.glu(self.gated1(x), dim=1)
        x = F.glu(self.gated2(x), dim=1)
        x = self.pool(x).flatten(1)
        x = F.glu(self.linear(x), dim=-1)
        return self.final(x)
