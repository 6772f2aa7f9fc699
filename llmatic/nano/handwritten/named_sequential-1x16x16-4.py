import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        net = nn.Sequential()
        net.add_module("conv1", nn.Conv2d(1, 10, 3, stride=2))
        net.add_module("act1", nn.ReLU())
        net.add_module("conv2", nn.Conv2d(10, 20, 3, stride=2))
        net.add_module("act2", nn.ReLU())
        net.add_module("flat", nn.Flatten())
        net.add_module("fc", nn.Linear(20 * 3 * 3, 4))
        self.net = net

    def forward(self, x):
        return self.net(x)
