import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_a = nn.Conv2d(1, 14, 3)
        self.ln_a = nn.LayerNorm([14, 6, 6])
        self.conv_b = nn.Conv2d(14, 28, 3)
        self.ln_b = nn.LayerNorm([28, 4, 4])
        self.dense = nn.Linear(28 * 4 * 4, 10)

    def forward(self, x):
        x = self.ln_a(self.conv_a(x))
        x = torch.relu(x)
        x = self.ln_b(self.conv_b(x))
        x = torch.relu(x)
        return self.dense(x.flatten(1))
