import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Mixes the outputs of several kernels by what the whole image is."""

    def __init__(self):
        super().__init__()
        self.n, self.c = 3, 20
        self.stem = nn.Conv2d(1, self.c, 3, padding=1)
        self.bank = nn.Conv2d(self.c, self.n * self.c, 3, padding=1)
        self.route = nn.Linear(self.c, self.n)
        self.last = nn.Linear(self.c * 4, 10)

    def forward(self, x):
        x = F.relu(self.stem(x))
        weights = torch.softmax(self.route(x.mean((2, 3))), -1)
        bank = self.bank(x).view(x.size(0), self.n, self.c, 8, 8)
        x = torch.einsum("bn,bnchw->bchw", weights, bank)
        x = F.relu(x)
        x = F.max_pool2d(x, kernel_size=4)
        return self.last(x.flatten(1))
