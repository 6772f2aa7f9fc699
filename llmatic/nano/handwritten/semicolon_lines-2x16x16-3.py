import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        ch = 16; mid = 4; k = 3
        self.inp = nn.Conv2d(2, ch, k, 2, 1)
        self.dw1 = nn.Conv2d(ch, ch, k, 1, 1, 1, ch); self.pw1 = nn.Conv2d(ch, ch, 1)
        self.dw2 = nn.Conv2d(ch, ch, k, 1, 2, 2, ch); self.pw2 = nn.Conv2d(ch, ch, 1)
        self.sq = nn.Linear(ch, mid); self.ex = nn.Linear(mid, ch)
        self.fc = nn.Linear(ch, 3)
    def forward(self, x):
        x = F.relu(self.inp(x))
        x = x + F.relu(self.pw1(self.dw1(x)))
        x = x + F.relu(self.pw2(self.dw2(x)))
        g = x.mean((2, 3)); g = F.hardsigmoid(self.ex(F.relu(self.sq(g))))
        return self.fc(x.amax((2, 3)) * g)
