import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(20, 1, 3, 3) * 0.3)
        self.b1 = nn.Parameter(torch.zeros(20))
        self.w2 = nn.Parameter(torch.randn(32, 20, 3, 3) * 0.1)
        self.b2 = nn.Parameter(torch.zeros(32))
        self.w3 = nn.Parameter(torch.randn(32 * 4, 10) * 0.08)
        self.b3 = nn.Parameter(torch.zeros(10))

    def forward(self, x):
        x = F.relu(F.conv2d(x, self.w1, self.b1))
        x = F.relu(F.conv2d(x, self.w2, self.b2))
        x = F.max_pool2d(x, 2)
        return x.flatten(1) @ self.w3 + self.b3
