from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.d1 = nn.Conv2d(1, 16, 3, padding=1, dilation=1)
        self.d2 = nn.Conv2d(16, 16, 3, padding=2, dilation=2)
        self.d3 = nn.Conv2d(16, 16, 3, padding=3, dilation=3)
        self.act = nn.Mish()
        self.squeeze = nn.Conv2d(16, 4, 1)
        self.fc = nn.Linear(4 * 64, 10)

    def forward(self, x):
        x = self.act(self.d1(x))
        x = self.act(self.d2(x)) + x
        x = self.act(self.d3(x)) + x
        x = self.squeeze(x)
        return self.fc(x.flatten(1))
