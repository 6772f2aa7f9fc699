from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        prev = 1
        for out, k in [(8, 3), (12, 3), (16, 3), (20, 2)]:
            layers += [nn.Conv2d(prev, out, k), nn.PReLU(out)]
            prev = out
        layers.extend([nn.Flatten(), nn.Linear(20, 10)])
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)
