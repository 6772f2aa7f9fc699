import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Each pixel sees four taps whose offsets depend on what is there."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.off = nn.Conv2d(16, 8, 3, padding=1)
        self.mix = nn.Conv2d(64, 24, 1)
        self.fc = nn.Linear(24 * 4, 5)
        r = torch.linspace(-1, 1, 8)
        y, x = torch.meshgrid(r, r, indexing="ij")
        self.register_buffer("home", torch.stack([x, y], -1))

    def forward(self, x):
        x = F.relu(self.stem(x))
        taps = []
        for o in self.off(x).split(2, dim=1):
            g = self.home + 0.5 * torch.tanh(o).movedim(1, -1)
            taps.append(F.grid_sample(x, g, align_corners=True))
        x = F.relu(self.mix(torch.cat(taps, 1)))
        return self.fc(F.max_pool2d(x, 4).flatten(1))
