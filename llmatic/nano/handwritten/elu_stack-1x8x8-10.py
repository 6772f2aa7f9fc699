import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [64, 96, 64, 48, 10]
        self.layers = nn.ModuleList()
        for a, b in zip(widths[:-1], widths[1:]):
            self.layers.append(nn.Linear(a, b))

    def forward(self, x):
        x = x.flatten(1)
        for layer in self.layers[:-1]:
            x = F.elu(layer(x))
        return self.layers[-1](x)
