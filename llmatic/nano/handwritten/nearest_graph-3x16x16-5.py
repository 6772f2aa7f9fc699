import torch
from torch import nn

class Net(nn.Module):
    """Patches linked to their most alike patches (vision-graph style)."""
    def __init__(self):
        super().__init__()
        d = 32
        self.stem = nn.Conv2d(3, d, 2, 2)
        self.pos = nn.Parameter(torch.zeros(64, d))
        self.w = nn.ModuleList(nn.Linear(2 * d, d) for _ in range(2))
        self.n = nn.ModuleList(nn.LayerNorm(d) for _ in range(2))
        self.o = nn.Linear(d, 5)

    def forward(self, x):
        h = self.stem(x).flatten(2).mT + self.pos
        for w, n in zip(self.w, self.n):
            z = n(h)
            sim = z @ z.mT
            near = sim.topk(6, -1)[1]
            a = torch.zeros_like(sim).scatter(-1, near, 1 / 6)
            h = h + w(torch.cat([z, a @ z - z], -1)).relu()
        return self.o(h.mean(1))
