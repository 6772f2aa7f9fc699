import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.in_planes = 8
        self.conv1 = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.layer1 = self._make_layer(8, 1, stride=1)
        self.layer2 = self._make_layer(16, 2, stride=2)
        self.layer3 = self._make_layer(32, 1, stride=2)
        self.linear = nn.Linear(32, 10)

    def _make_layer(self, planes, blocks, stride):
        layers = []
        for s in [stride] + [1] * (blocks - 1):
            layers.append(nn.Sequential(
                nn.Conv2d(self.in_planes, planes, 3, s, 1, bias=False),
                nn.BatchNorm2d(planes),
                nn.Softsign(),
            ))
            self.in_planes = planes
        return nn.Sequential(*layers)

    def forward(self, x):
        out = self.bn1(self.conv1(x)).relu()
        out = self.layer1(out) + out
        out = self.layer2(out)
        out = self.layer3(out)
        return self.linear(out.mean(3).mean(2))
