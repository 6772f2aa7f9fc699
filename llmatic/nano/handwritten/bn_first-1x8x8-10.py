import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.normalise = nn.BatchNorm2d(1)
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, kernel_size=4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.Softsign(),
            nn.Conv2d(32, 64, kernel_size=3, bias=False),
            nn.BatchNorm2d(64),
            nn.Softsign(),
        )
        self.head = nn.Linear(64 * 2 * 2, 10)

    def forward(self, x):
        x = self.normalise(x)
        x = self.body(x)
        x = x.reshape(len(x), -1)
        return self.head(x)
