import torch
from torch import nn


class Swish(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential()
        self.model.add_module('conv1', nn.Conv2d(1, 18, 3, padding=1))
        self.model.add_module('swish1', Swish())
        self.model.add_module('pool', nn.MaxPool2d(2))
        self.model.add_module('conv2', nn.Conv2d(18, 30, 3, padding=1))
        self.model.add_module('swish2', Swish())
        self.model.add_module('flatten', nn.Flatten())
        self.model.add_module('fc', nn.Linear(30 * 16, 10))

    def forward(self, x):
        return self.model(x)
