import torch
import torch.nn as nn

N_CLASSES = 4


class Net(nn.Module):
    """One tiny scorer for every class, on top of shared features."""

    def __init__(self):
        super().__init__()
        self.shared = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=3, stride=2), nn.Hardswish(),
            nn.Conv2d(8, 16, kernel_size=3, stride=2), nn.Hardswish(),
            nn.Flatten(),
        )
        self.scorers = nn.ModuleDict()
        for k in range(N_CLASSES):
            self.scorers[f"class_{k}"] = nn.Sequential(nn.Linear(144, 6), nn.ReLU(), nn.Linear(6, 1))

    def forward(self, x):
        z = self.shared(x)
        scores = [scorer(z) for scorer in self.scorers.values()]
        return torch.cat(scores, dim=-1)
