import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.planes = nn.ModuleList()
        for _ in range(2):
            self.planes.append(nn.Sequential(
                nn.Conv2d(1, 6, 5, stride=2),
                nn.BatchNorm2d(6),
                nn.Tanhshrink(),
                nn.AdaptiveMaxPool2d((3, 3)),
                nn.Flatten(),
            ))
        self.compare = nn.Bilinear(54, 54, 8)
        self.alone = nn.Linear(108, 8)
        self.out = nn.Linear(8, 3)

    def forward(self, x):
        u, v = (net(p) for net, p in zip(self.planes, x.split(1, dim=1)))
        h = self.compare(u, v) + self.alone(torch.cat((u, v), dim=1))
        return self.out(torch.tanh(h))
