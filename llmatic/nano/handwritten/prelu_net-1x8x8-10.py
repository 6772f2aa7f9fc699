from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.w1 = nn.Linear(64, 44)
        self.a1 = nn.PReLU(44)
        self.w2 = nn.Linear(44, 22)
        self.a2 = nn.PReLU(22)
        self.w3 = nn.Linear(22, 10)

    def forward(self, x):
        x = self.flat(x)
        x = self.a1(self.w1(x))
        x = self.a2(self.w2(x))
        return self.w3(x)
