from torch import nn


def sep(cin, cout, stride):
    """depthwise, then pointwise"""
    return nn.Sequential(
        nn.Conv2d(cin, cin, 3, stride=stride, padding=1, groups=cin, bias=False),
        nn.BatchNorm2d(cin),
        nn.ReLU6(),
        nn.Conv2d(cin, cout, 1, bias=False),
        nn.BatchNorm2d(cout),
        nn.ReLU6(),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        plan = [(16, 24, 1), (24, 32, 2), (32, 48, 1), (48, 64, 2)]
        self.stem = nn.Conv2d(1, 16, 3, stride=2, padding=1)
        self.body = nn.Sequential(*[sep(i, o, s) for i, o, s in plan])
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))

    def forward(self, images):
        return self.head(self.body(self.stem(images)))
