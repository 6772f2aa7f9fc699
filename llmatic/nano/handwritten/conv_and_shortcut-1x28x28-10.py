import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    # a linear look at the shrunken image plus a convolutional correction
    def __init__(self):
        super().__init__()
        self.easy = nn.Linear(49, 10)
        self.conv1 = nn.Conv2d(1, 16, 4, stride=4)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.hard = nn.Linear(32 * 25, 10)

    def forward(self, x):
        easy = self.easy(F.avg_pool2d(x, 4).flatten(1))
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        hard = self.hard(x.flatten(1))
        return easy + hard
