from collections import OrderedDict

import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(OrderedDict([
            ("stem", nn.Conv2d(3, 12, 3, padding=1)),
            ("stem_act", nn.Mish()),
            ("shrink", nn.MaxPool2d(4)),
            ("wide", nn.Conv2d(12, 32, 3, padding=1, groups=4)),
            ("wide_norm", nn.BatchNorm2d(32)),
            ("wide_act", nn.Mish()),
        ]))
        self.tail = nn.Sequential(OrderedDict(flat=nn.Flatten(), drop=nn.Dropout(0.2), fc=nn.Linear(512, 5)))

    def forward(self, x):
        return self.tail(self.trunk(x))
