import torch
import torch.nn as nn


class Layer(nn.Module):
    def __init__(self, n_in, n_out, act="relu", norm=True, skip=False):
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        self.norm = nn.BatchNorm1d(n_out) if norm else nn.Identity()
        if act == "relu":
            self.act = nn.ReLU()
        elif act == "tanh":
            self.act = nn.Tanh()
        else:
            self.act = nn.Identity()
        self.skip = skip

    def forward(self, x):
        y = self.act(self.norm(self.linear(x)))
        return x + y if self.skip else y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = Layer(64, 56)
        self.l2 = Layer(56, 56, act="tanh", skip=True)
        self.l3 = Layer(56, 56, act="tanh", norm=False, skip=True)
        self.l4 = Layer(56, 10, act="none", norm=False)

    def forward(self, x):
        x = torch.flatten(x, start_dim=1)
        x = self.l1(x)
        x = self.l2(x)
        x = self.l3(x)
        x = self.l4(x)
        return x
