import torch
from torch import nn


class Net(nn.Module):
    """Ponder a few steps; answers are averaged by the chance to halt there."""

    def __init__(self):
        super().__init__()
        self.see = nn.Linear(64, 48)
        self.cell = nn.GRUCell(48, 48)
        self.halt = nn.Linear(48, 1)
        self.say = nn.Linear(48, 10)

    def forward(self, x):
        x = torch.relu(self.see(x.flatten(1)))
        h = torch.zeros_like(x)
        left, answer = 1.0, 0.0
        for _ in range(5):
            h = self.cell(x, h)
            p = torch.sigmoid(self.halt(h) - 1)
            answer = answer + left * p * self.say(h)
            left = left * (1 - p)
        return answer + left * self.say(h)
