import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(64, 56)
        self.bn1 = nn.BatchNorm1d(56)
        self.l2 = nn.Linear(56, 28)
        self.bn2 = nn.BatchNorm1d(28)
        self.l3 = nn.Linear(28, 10)

    def forward(self, x):
        a = x.flatten(1)
        b = self.bn1(self.l1(a)).relu()
        c = self.bn2(self.l2(b)).relu()
        return self.l3(c)
