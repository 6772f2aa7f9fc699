from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 14, kernel_size=3, padding=1)
        self.second = nn.Conv2d(14, 28, kernel_size=3, padding=1)
        self.lp = nn.LPPool2d(2, 4)
        self.norm = nn.LocalResponseNorm(5)
        self.hidden = nn.Linear(28 * 16, 30)
        self.final = nn.Linear(30, 3)

    def forward(self, x):
        x = self.first(x).relu()
        x = self.norm(x)
        x = self.second(x)
        x = self.lp(x)
        x = self.hidden(x.flatten(1)).tanh()
        return self.final(x)
