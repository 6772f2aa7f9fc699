from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        width = 24
        depth = 3
        self.retina = nn.Conv2d(1, width, 2, stride=2)
        self.cortex = nn.ModuleList(
            nn.Conv2d(width, width, 3, padding=1, groups=width) for _ in range(depth)
        )
        self.mixers = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in range(depth))
        self.decision = nn.Linear(width * 16, 10)

    def forward(self, x):
        signal = self.retina(x)
        for area, mixer in zip(self.cortex, self.mixers):
            signal = signal + mixer(F.gelu(area(signal)))
        return self.decision(signal.flatten(1))
