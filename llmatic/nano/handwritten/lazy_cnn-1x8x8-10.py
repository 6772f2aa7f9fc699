from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.LazyConv2d(20, kernel_size=3, padding=1), nn.LazyBatchNorm2d(), nn.Sigmoid(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.LazyConv2d(40, kernel_size=3), nn.LazyBatchNorm2d(), nn.Sigmoid(),
            nn.Flatten(),
            nn.LazyLinear(60), nn.Sigmoid(),
            nn.LazyLinear(10))

    def forward(self, X):
        return self.net(X)
