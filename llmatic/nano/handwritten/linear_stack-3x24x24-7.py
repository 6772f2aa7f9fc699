from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential()
        self.net.add_module("pool", nn.MaxPool2d(2))
        self.net.add_module("flat", nn.Flatten())
        self.net.add_module("fc0", nn.Linear(3 * 12 * 12, 72))
        self.net.add_module("act0", nn.SiLU())
        self.net.add_module("fc1", nn.Linear(72, 36))
        self.net.add_module("act1", nn.SiLU())
        self.net.add_module("fc2", nn.Linear(36, 7))

    def forward(self, x):
        return self.net(x)
