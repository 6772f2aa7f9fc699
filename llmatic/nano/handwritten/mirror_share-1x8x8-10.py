import torch, torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.k = nn.Sequential(nn.Conv2d(1,10,3,stride=2,padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(160,24))
        self.o = nn.Linear(72, 10)
    def forward(self, x):
        views = [x, x.flip(-1), x.transpose(2,3)]
        z = [self.k(v) for v in views]
        a, b, c = z
        return self.o(torch.cat([a+b, a-b, c], 1).tanh())
