import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(1, 8, kernel_size=4, stride=2, padding=1)
        self.down1 = nn.Conv2d(8, 16, kernel_size=4, stride=2, padding=1)
        self.down2 = nn.Conv2d(16, 32, kernel_size=4, stride=2, padding=1)
        self.act = nn.CELU()
        self.fc = nn.Linear(32 * 4 * 4, 10)

    def forward(self, x):
        big = self.act(self.up(x))
        small = self.act(self.down1(big))
        smaller = self.act(self.down2(small))
        return self.fc(smaller.flatten(1))
