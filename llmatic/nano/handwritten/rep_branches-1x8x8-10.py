from torch import nn


class Rep(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.k3 = nn.Sequential(nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c))
        self.k1 = nn.Sequential(nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c))
        self.id = nn.BatchNorm2d(c)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.k3(x) + self.k1(x) + self.id(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.begin = nn.Conv2d(1, 20, 3, padding=1)
        self.rep1 = Rep(20)
        self.shrink = nn.Conv2d(20, 36, 2, stride=2)
        self.rep2 = Rep(36)
        self.end = nn.Linear(36, 10)

    def forward(self, x):
        x = self.rep1(self.begin(x))
        x = self.rep2(self.shrink(x))
        return self.end(x.mean(-1).mean(-1))
