import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    parts = 5

    def __init__(self):
        super().__init__()
        self.describe = nn.Conv2d(1, 12, 3, padding=1)
        self.assign = nn.Conv2d(1, self.parts, 3, padding=1)
        self.classify = nn.Linear(12 * self.parts, 10)

    def forward(self, x):
        f = F.leaky_relu(self.describe(x)).flatten(2)
        logits = self.assign(x).flatten(2)
        if self.training:
            a = F.gumbel_softmax(logits, tau=1.0, dim=1)
        else:
            a = F.softmax(logits, dim=1)
        pooled = torch.bmm(f, a.transpose(1, 2)) / (a.sum(2).unsqueeze(1) + 1e-4)
        return self.classify(pooled.flatten(1))
