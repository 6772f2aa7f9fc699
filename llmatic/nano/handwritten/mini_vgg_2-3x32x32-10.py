from torch import nn


def stage(n_in, n_out):
    return [
        nn.Conv2d(n_in, n_out, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2, 2),
    ]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(*stage(3, 12), *stage(12, 24), *stage(24, 48))
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(48 * 16, 64),
            nn.ReLU(inplace=True),
            nn.Dropout(0.3),
            nn.Linear(64, 10),
        )

    def forward(self, x):
        return self.dense(self.conv(x))
