from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, ):
        super().__init__()
        self.c1 = nn.Conv2d(3, 20, 5, padding=2)
        self.c2 = nn.Conv2d(20, 20, 5, padding=2)
        self.c3 = nn.Conv2d(20, 40, 3, padding=1)
        self.lrn = nn.LocalResponseNorm(3)
        self.fc = nn.Linear(40 * 3 * 3, 7)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 3, stride=2, padding=1)
        x = self.lrn(x)
        x = F.avg_pool2d(F.relu(self.c2(x)), 3, stride=2, padding=1)
        x = self.lrn(x)
        x = F.avg_pool2d(F.relu(self.c3(x)), 3, stride=2, padding=1)
        return self.fc(x.flatten(1))
