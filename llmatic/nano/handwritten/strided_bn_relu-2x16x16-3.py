from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        def down(i, o):
            return [nn.Conv2d(i, o, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        self.trunk = nn.Sequential(*down(2, 16), *down(16, 32), *down(32, 64))
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 4, 3))

    def forward(self, x):
        return self.head(self.trunk(x))
