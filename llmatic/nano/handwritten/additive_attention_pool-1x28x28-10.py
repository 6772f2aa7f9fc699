import torch
from torch import nn


class AttentionPool(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(dim, hidden), nn.Tanh(), nn.Linear(hidden, 1))

    def forward(self, tokens):
        weights = torch.softmax(self.score(tokens), dim=1)
        return (weights * tokens).sum(dim=1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.read = nn.GRU(28, 24, batch_first=True, bidirectional=True)
        self.pool = AttentionPool(48, 16)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        states, _ = self.read(x.squeeze(1))
        return self.fc(self.pool(states))
