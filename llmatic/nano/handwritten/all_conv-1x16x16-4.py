from torch import nn


class Net(nn.Module):

    def __init__(self):
        super().__init__()
        # no pooling: strided convolutions down to a single cell
        self.net = nn.Sequential(
            nn.Conv2d(1, 12, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(12, 24, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(24, 32, 3, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(32, 4, 2),
            nn.Flatten(),
        )

    def forward(self, x):
        return self.net(x)
