import torch.nn as nn


def feed(dim, hidden, dropout=0.0):
    return nn.Sequential(
        nn.Linear(dim, hidden),
        nn.GELU(approximate="tanh"),
        nn.Dropout(dropout),
        nn.Linear(hidden, dim),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        tokens, channels = 36, 20
        self.embed = nn.Conv2d(3, channels, 4, stride=4, bias=False)
        for i in range(2):
            self.register_module(f"norm_{i}", nn.LayerNorm(channels))
            self.register_module(f"across_{i}", feed(tokens, 18, dropout=0.1))
            self.register_module(f"within_{i}", feed(channels, 30))
        self.out = nn.Linear(channels, 7)

    def layer(self, i, x):
        norm = self.get_submodule(f"norm_{i}")
        x = x + self.get_submodule(f"across_{i}")(norm(x).mT).mT
        return x + self.get_submodule(f"within_{i}")(norm(x))

    def forward(self, x):
        x = self.embed(x).flatten(2).mT
        for i in range(2):
            x = self.layer(i, x)
        return self.out(x.mean(1))
