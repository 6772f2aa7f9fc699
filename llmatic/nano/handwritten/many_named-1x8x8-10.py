import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.q1 = nn.Linear(16, 8)
        self.q2 = nn.Linear(16, 8)
        self.q3 = nn.Linear(16, 8)
        self.q4 = nn.Linear(16, 8)
        self.top = nn.Linear(16, 8)
        self.bottom = nn.Linear(16, 8)
        self.left = nn.Linear(16, 8)
        self.right = nn.Linear(16, 8)
        self.final = nn.Linear(32, 10)

    def forward(self, x):
        x = x[:, 0]
        a = torch.tanh(self.q1(x[:, :4, :4].flatten(1)))
        b = torch.tanh(self.q2(x[:, :4, 4:].flatten(1)))
        c = torch.tanh(self.q3(x[:, 4:, :4].flatten(1)))
        d = torch.tanh(self.q4(x[:, 4:, 4:].flatten(1)))
        t = self.top(torch.cat((a, b), 1))
        u = self.bottom(torch.cat((c, d), 1))
        v = self.left(torch.cat((a, c), 1))
        w = self.right(torch.cat((b, d), 1))
        return self.final(torch.cat((t, u, v, w), 1).relu())
