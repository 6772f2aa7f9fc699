import torch.nn as nn
import torch.nn.functional as F
import torch


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_layer_1 = nn.Conv2d(in_channels=1, out_channels=6, kernel_size=5)
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)
        self.conv_layer_2 = nn.Conv2d(in_channels=6, out_channels=12, kernel_size=3)
        self.linear_1 = nn.Linear(in_features=12 * 4 * 4, out_features=32)
        self.linear_2 = nn.Linear(in_features=32, out_features=4)

    def forward(self, x):
        x = self.pool(torch.tanh(self.conv_layer_1(x)))
        x = torch.tanh(self.conv_layer_2(x))
        x = x.flatten(1)
        x = torch.tanh(self.linear_1(x))
        return self.linear_2(x)
