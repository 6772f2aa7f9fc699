import torch
import torch.nn as nn
import torch.nn.functional as F

REPEATS = 4


class Net(nn.Module):
    """One and the same convolution looks again and again at picture and thought."""

    def __init__(self):
        super().__init__()
        self.glance = nn.Conv2d(1, 12, 3, padding=1)
        self.ponder = nn.Conv2d(12, 12, 3, padding=1)
        self.trust = nn.Parameter(torch.full((REPEATS,), 0.5))
        self.speak = nn.Linear(12 * 4, 10)

    def forward(self, picture):
        seen = self.glance(picture)
        thought = torch.zeros_like(seen)
        for turn in range(REPEATS):
            fresh = torch.tanh(seen + self.ponder(thought))
            thought = torch.lerp(thought, fresh, self.trust[turn])
        parts = F.adaptive_avg_pool2d(thought, (2, 2))
        return self.speak(parts.flatten(1))
