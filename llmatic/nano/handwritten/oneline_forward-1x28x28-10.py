import torch.nn as nn, torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 10, 5, 2), nn.Conv2d(10, 20, 5, 2)
        self.f1, self.f2 = nn.Linear(320, 50), nn.Linear(50, 10)
        self.n1, self.n2 = nn.BatchNorm2d(10), nn.BatchNorm2d(20)

    def forward(self, x):
        return self.f2(F.elu(self.f1(F.elu(self.n2(self.c2(F.elu(self.n1(self.c1(x)))))).flatten(1))))
