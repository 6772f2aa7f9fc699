import torch
from torch import nn
from torch.nn import functional as F


class NetVlad(nn.Module):
    def __init__(self, words, dim):
        super().__init__()
        self.assign = nn.Conv1d(dim, words, 1)
        self.words = nn.Parameter(torch.randn(words, dim) * 0.3)

    def forward(self, f):
        a = self.assign(f).softmax(1)
        v = a @ f.transpose(1, 2) - a.sum(2, keepdim=True) * self.words
        return F.normalize(F.normalize(v, dim=2).flatten(1), dim=1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.local = nn.Sequential(
            nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU(),
            nn.Conv2d(16, 24, 3, 2, 1), nn.ReLU(),
        )
        self.vlad = NetVlad(8, 24)
        self.fc = nn.Linear(192, 10)

    def forward(self, x):
        return self.fc(8 * self.vlad(self.local(x).flatten(2)))
