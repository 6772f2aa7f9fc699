import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_sigma = nn.Parameter(torch.tensor([-0.7, -0.2, 0.3, 0.8]))
        t = torch.arange(-3.0, 4.0)
        self.register_buffer("d2", t ** 2)
        self.hidden = nn.Linear(8 * 16, 48)
        self.out = nn.Linear(48, 10)

    def blur(self, x):
        g = torch.exp(-self.d2 / (2 * self.log_sigma.exp()[:, None] ** 2))
        g = g / g.sum(1, keepdim=True)
        x = F.conv2d(x, g[:, None, :, None], padding=(3, 0))
        return F.conv2d(x, g[:, None, None, :], padding=(0, 3), groups=4)

    def forward(self, x):
        b = self.blur(x)
        dog = torch.cat([x, b[:, :3]], 1) - b
        onoff = torch.cat([F.relu(dog), F.relu(-dog)], 1)
        return self.out(F.relu(self.hidden(F.max_pool2d(onoff, 2).flatten(1))))
