import torch
import torch.nn as nn


class Net(nn.Module):
    """Leaky integrators read the image one column after another."""
    HIDDEN = 40
    COLS = 8

    def __init__(self):
        super().__init__()
        self.feed = nn.Linear(self.COLS, self.HIDDEN)
        self.loop = nn.Linear(self.HIDDEN, self.HIDDEN, bias=False)
        self.leak = nn.Parameter(torch.rand(self.HIDDEN))
        self.read = nn.Linear(self.HIDDEN, 10)
        nn.init.orthogonal_(self.loop.weight, gain=0.9)

    def step(self, state, column):
        leak = torch.sigmoid(self.leak)
        return (1 - leak) * state + leak * torch.tanh(self.feed(column) + self.loop(state))

    def forward(self, x):
        state = x.new_zeros(x.shape[0], self.HIDDEN)
        for column in x[:, 0].unbind(dim=-1):
            state = self.step(state, column)
        return self.read(state)
