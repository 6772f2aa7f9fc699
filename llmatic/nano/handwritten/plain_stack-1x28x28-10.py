from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(1, 12, 5, stride=2),
            nn.Tanh(),
            nn.Conv2d(12, 24, 5, stride=2),
            nn.Tanh(),
            nn.Flatten(),
            nn.Linear(24 * 4 * 4, 48),
            nn.Tanh(),
            nn.Linear(48, 10),
        )

    def forward(self, x):
        return self.model(x)
