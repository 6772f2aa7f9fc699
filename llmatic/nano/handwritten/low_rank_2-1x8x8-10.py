import torch
import torch.nn as nn

RANK = 12


class Thin(nn.Module):
    """A dense layer of low rank.

    Args:
        fan_in (int): size of the input.
        fan_out (int): size of the output.
        rank (int): how many directions pass through.
    """

    def __init__(self, fan_in, fan_out, rank=RANK):
        super().__init__()
        self.down = nn.Linear(fan_in, rank, bias=False)
        self.up = nn.Linear(rank, fan_out)

    def forward(self, x):
        return self.up(self.down(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = Thin(64, 80), Thin(80, 80), Thin(80, 40)
        self.last = nn.Linear(40, 10)
        self.act = nn.LeakyReLU(negative_slope=0.05)

    def forward(self, x):
        h = self.act(self.first(x.flatten(1)))
        h = h + self.act(self.second(h))
        h = self.act(self.third(h))
        return self.last(h)
