import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """The same convolution at every scale."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 20, 3, padding=1)
        self.again = nn.Conv2d(20, 20, 3, padding=1)
        self.scores = nn.Linear(20, 10)

    def forward(self, x):
        x = F.avg_pool2d(F.relu(self.first(x)), 2)
        while x.shape[-1] > 1:
            x = F.relu(self.again(x))
            x = F.max_pool2d(x, 2)
        return self.scores(x.flatten(1))
