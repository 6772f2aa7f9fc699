from torch import nn


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.a = nn.Linear(64, 80)
        s.b = nn.Linear(80, 40)
        s.c = nn.Linear(40, 10)
        s.d = nn.AlphaDropout(0.05)
        s.f = nn.SELU()

    def forward(s, x):
        x = x.flatten(1)
        x = s.d(s.f(s.a(x)))
        x = s.d(s.f(s.b(x)))
        return s.c(x)
