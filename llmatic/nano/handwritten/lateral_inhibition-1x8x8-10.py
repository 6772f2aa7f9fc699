import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drive = nn.Linear(64, 64)
        self.inhibit = nn.Linear(64, 64, bias=False)
        self.readout = nn.Linear(64, 10)
        nn.init.constant_(self.inhibit.weight, 0.02)

    def forward(self, x):
        d = self.drive(x.flatten(1))
        r = F.relu(d)
        for _ in range(4):
            r = 0.5 * r + 0.5 * F.relu(d - F.linear(r, F.softplus(self.inhibit.weight) / 40))
        return self.readout(r)
