import torch
import torch.nn as nn


class Net(nn.Module):
    growth = 12
    depth = 4

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList()
        for i in range(self.depth):
            self.layers.append(nn.Linear(64 + i * self.growth, self.growth))
        self.out = nn.Linear(64 + self.depth * self.growth, 10)

    def forward(self, x):
        seen = [x.flatten(1)]
        for i, layer in enumerate(self.layers):
            new = layer(torch.cat(seen, 1))
            new = new.relu() if i % 2 else new.tanh()
            seen.append(new)
        return self.out(torch.cat(seen, 1))
