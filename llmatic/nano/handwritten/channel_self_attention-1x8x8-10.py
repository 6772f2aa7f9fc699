import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Channels attend to channels (each is a vector of its places)."""

    def __init__(self):
        super().__init__()
        self.maps = nn.Conv2d(1, 32, 3, padding=1)
        self.temper = nn.Parameter(torch.tensor(1.0))
        self.beta = nn.Parameter(torch.tensor(0.5))
        self.conv = nn.Conv2d(32, 32, 3, stride=2, padding=1)
        self.fc = nn.Linear(32 * 4, 10)

    def forward(self, x):
        f = F.gelu(self.maps(x))
        v = f.flatten(2)
        q = F.normalize(v, dim=2)
        energy = q.matmul(q.transpose(1, 2)) * self.temper
        att = energy.softmax(dim=2)
        f = f + self.beta * att.matmul(v).view_as(f)
        f = F.gelu(self.conv(f))
        return self.fc(F.max_pool2d(f, 2).flatten(1))
