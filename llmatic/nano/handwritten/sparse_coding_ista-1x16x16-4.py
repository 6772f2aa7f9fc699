import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Unrolled iterative shrinkage over a convolutional dictionary."""

    def __init__(self):
        super().__init__()
        self.D = nn.Parameter(torch.randn(20, 1, 5, 5) * 0.1)
        self.theta = nn.Parameter(torch.full((20, 1, 1), 0.05))
        self.eta = nn.Parameter(torch.tensor(0.2))
        self.fc = nn.Linear(20 * 9, 4)

    def analyse(self, x):
        return F.conv2d(x, self.D, stride=2)

    def synthesise(self, z):
        return F.conv_transpose2d(z, self.D, stride=2, output_padding=1)

    def forward(self, x):
        z = 0 * self.analyse(x)
        for _ in range(4):
            z = z + self.eta * self.analyse(x - self.synthesise(z))
            z = z.sign() * F.relu(z.abs() - self.theta)
        return self.fc(F.max_pool2d(z.abs(), 2).flatten(1))
