import torch.nn as nn

class Net(nn.Module):
    def __init__(s):
        super().__init__()
        c = [1, 12, 12, 24, 24]
        s.k = nn.ModuleList(nn.Conv2d(c[i], c[i + 1], 3, 1 + i % 2, 1) for i in range(4))
        s.g = nn.ModuleList(nn.BatchNorm2d(n) for n in c[1:])
        s.o = nn.Linear(24 * 4, 10)

    def forward(s, x):
        for k, g in zip(s.k, s.g): x = g(k(x)).relu()
        return s.o(x.flatten(1))
