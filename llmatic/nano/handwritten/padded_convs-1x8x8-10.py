from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_in = nn.Conv2d(1, 20, kernel_size=3, padding='same')
        self.conv_mid = nn.Conv2d(20, 20, kernel_size=3, padding='same')
        self.conv_out = nn.Conv2d(20, 20, kernel_size=3, padding='same')
        self.linear = nn.Linear(20, 10)

    def forward(self, x):
        x = F.leaky_relu(self.conv_in(x))
        x = F.leaky_relu(self.conv_mid(x))
        x = F.leaky_relu(self.conv_out(x))
        return self.linear(x.mean(dim=(2, 3)))
