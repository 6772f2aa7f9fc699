from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 24, 2, 2)
        self.b = nn.Conv2d(24, 48, 2, 2)
        self.c = nn.Conv2d(48, 64, 2, 2)
        self.w = nn.Linear(64, 10)
    def forward(self, x):
        x = self.a(x).relu()
        x = self.b(x).relu()
        x = self.c(x).relu()
        return self.w(x.flatten(1))
