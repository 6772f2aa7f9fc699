from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.LazyConv2d(20, kernel_size=3),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.LazyConv2d(40, kernel_size=3),
            nn.ReLU(),
            nn.Flatten(),
            nn.LazyLinear(32),
            nn.ReLU(),
            nn.LazyLinear(5),
        )

    def forward(self, x):
        return self.net(x)
