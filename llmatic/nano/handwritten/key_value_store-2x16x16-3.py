import torch
import torch.nn as nn


class ProductKeys(nn.Module):
    def __init__(self, dim, side, values):
        super().__init__()
        self.left = nn.Linear(dim, side)
        self.right = nn.Linear(dim, side)
        self.store = nn.Parameter(torch.randn(side, side, values) * 0.2)

    def forward(self, x):
        p = torch.softmax(self.left(x), dim=-1)
        q = torch.softmax(self.right(x), dim=-1)
        return torch.einsum("ba,bc,acv->bv", p, q, self.store)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(2, 12, kernel_size=4, stride=4),
            nn.Softsign(),
            nn.Flatten(),
        )
        self.memory = nn.ModuleList([ProductKeys(192, 8, 24) for _ in range(3)])
        self.decision = nn.Linear(24 + 192, 3)

    def forward(self, x):
        h = self.trunk(x)
        recalled = sum(m(h) for m in self.memory)
        return self.decision(torch.cat([recalled, h], dim=1))
