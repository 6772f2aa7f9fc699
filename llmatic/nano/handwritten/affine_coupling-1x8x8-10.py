import torch
import torch.nn as nn


class Couple(nn.Module):
    def __init__(self, d: int, hidden: int):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d // 2, hidden), nn.ReLU(), nn.Linear(hidden, d))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a, b = x[:, 0::2], x[:, 1::2]
        s, t = self.net(a).chunk(2, 1)
        b = b * torch.exp(torch.tanh(s)) + t
        return torch.cat([b, a], 1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.flow = nn.Sequential(*[Couple(64, 40) for _ in range(4)])
        self.centres = nn.Parameter(torch.randn(10, 64) * 0.3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        z = self.flow(x.flatten(1))
        return -torch.cdist(z, self.centres) ** 2 / 16
