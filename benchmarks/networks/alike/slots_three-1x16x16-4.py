import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        d = 24
        self.patch = nn.Conv2d(1, d, 4, 2, 1)
        self.pos = nn.Parameter(torch.randn(1, 64, d) * .02)
        self.slots = nn.Parameter(torch.randn(1, 3, d))
        self.k, self.v, self.q = (nn.Linear(d, d, bias=False) for _ in range(3))
        self.gru = nn.GRUCell(d, d)
        self.head = nn.Linear(3 * d, 4)

    def forward(self, x):
        t = self.patch(x).flatten(2).mT + self.pos
        k, v = self.k(t), self.v(t)
        s = self.slots.expand(x.size(0), -1, -1)
        for _ in range(3):
            a = (self.q(s) @ k.mT / 24 ** .5).softmax(1)  # slots compete
            a = a / (a.sum(2, keepdim=True) + 1e-6)
            u = a @ v
            s = self.gru(u.flatten(0, 1), s.flatten(0, 1)).view_as(u)
        return self.head(s.flatten(1))
