import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()

        def layer(i, o, drop):
            return nn.Sequential(nn.Linear(i, o), nn.LeakyReLU(0.05), nn.Dropout(drop))

        self.a = layer(256, 160, 0.1)
        self.b = layer(160, 80, 0.1)
        self.c = layer(80, 40, 0.0)
        self.z = nn.Linear(40, 4)

    def forward(self, x):
        x = torch.flatten(x, start_dim=1)
        for part in (self.a, self.b, self.c):
            x = part(x)
        return self.z(x)
