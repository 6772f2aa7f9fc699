from torch import nn
import torch.nn.functional as F


def tucker(cin, cout, rank, stride=1):
    return nn.Sequential(
        nn.Conv2d(cin, rank, 1, bias=False),
        nn.Conv2d(rank, rank, 3, stride, 1, bias=False),
        nn.Conv2d(rank, cout, 1, bias=False),
        nn.BatchNorm2d(cout),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.entry = nn.Conv2d(3, 24, 3, 2, 1)
        self.t1 = tucker(24, 48, 8)
        self.t2 = tucker(48, 64, 12, stride=2)
        self.t3 = tucker(64, 64, 12, stride=2)
        self.fc = nn.Linear(64 * 4, 10)

    def forward(self, x):
        x = F.relu6(self.entry(x))
        x = F.relu6(self.t1(x))
        x = F.relu6(self.t2(x))
        x = F.relu6(self.t3(x))
        return self.fc(F.avg_pool2d(x, 2).flatten(1))
