import torch
from torch import nn


class Lift(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.predict = nn.Conv1d(c, c, 3, padding=1)
        self.update = nn.Conv1d(c, c, 3, padding=1)

    def forward(self, x):
        even, odd = x[..., ::2], x[..., 1::2]
        odd = odd - torch.tanh(self.predict(even))
        even = even + torch.tanh(self.update(odd))
        return even, odd


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lifts = nn.ModuleList([Lift(16) for _ in range(3)])
        self.fc = nn.Linear(16 * 16, 4)

    def forward(self, x):
        x, parts = x.squeeze(1), []
        for lift in self.lifts:
            x, detail = lift(x)
            parts.append(detail)
        return self.fc(torch.cat(parts + [x], -1).flatten(1))
