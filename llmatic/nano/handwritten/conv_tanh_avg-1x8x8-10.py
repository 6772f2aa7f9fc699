import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.pool = nn.AvgPool2d(2)
        self.dense = nn.Linear(8*3*3, 36)
        self.out = nn.Linear(36, 10)
    def forward(self, x):
        x = self.pool(torch.tanh(self.conv(x)))
        x = x.view(len(x), -1)
        x = torch.tanh(self.dense(x))
        return self.out(x)
