import torch
import torch.nn as nn

class Net(nn.Module):
    """Rows, columns and wrapped diagonals, each summed with learned weights."""
    def __init__(self):
        super().__init__()
        i = torch.arange(8)
        self.register_buffer('diag', (i[:, None] + i) % 8 + 8 * i[:, None])
        self.w = nn.Parameter(torch.randn(3, 8, 8, 4) * 0.4)
        self.g = nn.Linear(96, 96)
        self.o = nn.Linear(96, 10)

    def forward(self, x):
        f = x.flatten(1)
        lines = torch.stack([x[:, 0], x[:, 0].mT, f[:, self.diag].mT], 1)
        s = torch.einsum('bkij,kijc->bkic', lines, self.w).flatten(1)
        return self.o(s * torch.sigmoid(self.g(s)))
