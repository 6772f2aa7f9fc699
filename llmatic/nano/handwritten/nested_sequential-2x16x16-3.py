from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Sequential(
                nn.ZeroPad2d(1),
                nn.Conv2d(2, 10, 3),
                nn.ReLU6(),
                nn.MaxPool2d(2),
            ),
            nn.Sequential(
                nn.ZeroPad2d(1),
                nn.Conv2d(10, 20, 3),
                nn.ReLU6(),
                nn.MaxPool2d(2),
            ),
            nn.Sequential(
                nn.Flatten(),
                nn.Linear(20 * 16, 24),
                nn.ReLU6(),
                nn.Linear(24, 3),
            ),
        )

    def forward(self, x):
        return self.net(x)
