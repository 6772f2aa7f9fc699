from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 20, 3, padding=1, padding_mode='replicate'),
            nn.ReLU(),
            nn.LPPool2d(norm_type=2, kernel_size=2),
            nn.Conv2d(20, 40, 3, padding=1, padding_mode='replicate'),
            nn.ReLU(),
            nn.LPPool2d(norm_type=2, kernel_size=2),
        )
        self.fc = nn.Linear(160, 10)

    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))
