import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 10, 3)
        self.c2 = nn.Conv2d(10, 20, 3)
        self.c3 = nn.Conv2d(20, 30, 3)
        self.f = nn.Linear(30, 7)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = F.relu(self.c3(x))
        x = F.adaptive_max_pool2d(x, 1)
        return self.f(x.flatten(1))
