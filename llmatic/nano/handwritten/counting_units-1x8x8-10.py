import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.detectors = nn.ModuleDict({f'k{k}': nn.Conv2d(1, 8, k) for k in (2, 3, 4, 5)})
        self.slope = nn.ParameterDict({name: nn.Parameter(torch.ones(8, 1)) for name in self.detectors})
        self.table = nn.Linear(32, 10)

    def count(self, name, x):
        hits = self.detectors[name](x).flatten(2)
        return torch.sigmoid(self.slope[name] * hits).sum(2).log1p()

    def forward(self, x):
        counts = [self.count(name, x) for name in self.detectors]
        return self.table(torch.hstack(counts))
