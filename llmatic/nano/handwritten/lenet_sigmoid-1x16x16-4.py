import torch
import torch.nn as nn

class Net(nn.Module):
    """Old-fashioned."""

    def __init__(self):
        super().__init__()
        self.C1 = nn.Conv2d(1, 6, 5)
        self.S2 = nn.AvgPool2d(2)
        self.C3 = nn.Conv2d(6, 16, 3)
        self.S4 = nn.AvgPool2d(2)
        self.F5 = nn.Linear(64, 40)
        self.F6 = nn.Linear(40, 4)

    def forward(self, x):
        x = self.S2(torch.tanh(self.C1(x)))
        x = self.S4(torch.tanh(self.C3(x)))
        x = x.reshape(-1, 64)
        x = torch.sigmoid(self.F5(x))
        return self.F6(x)
