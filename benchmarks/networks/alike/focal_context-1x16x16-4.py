import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    """Contexts of growing size, summed by learnt gates, modulate a query map."""
    def __init__(self):
        super().__init__()
        d, self.levels = 24, 3
        self.embed = nn.Conv2d(1, d, 2, stride=2)
        self.query = nn.Conv2d(d, d, 1)
        self.gates = nn.Conv2d(d, self.levels, 1)
        self.contexts = nn.ModuleList(
            nn.Conv2d(d, d, 3 + 2 * i, padding=1 + i, groups=d) for i in range(self.levels)
        )
        self.proj = nn.Conv2d(d, d, 1)
        self.fc = nn.Linear(d, 4)

    def forward(self, x):
        x = self.embed(x)
        gates = self.gates(x).softmax(1)
        ctx, total = x, torch.zeros_like(x)
        for i, conv in enumerate(self.contexts):
            ctx = F.gelu(conv(ctx))
            total = total + ctx * gates[:, i:i + 1]
        x = x + self.query(x) * self.proj(total)
        return self.fc(x.mean((2, 3)))
