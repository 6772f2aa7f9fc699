import torch

from torch import nn


class Net(nn.Module):

    def __init__(self):

        super().__init__()

        self.spread = nn.Linear(16, 24)

        self.gather = nn.Linear(16, 24)

        self.norm = nn.LayerNorm(24 * 24)

        self.classify = nn.Linear(24 * 24, 4)


    def forward(self, x):

        rows = x.squeeze(1)

        wide = torch.relu(self.spread(rows))

        turned = wide.transpose(1, 2)

        both = torch.relu(self.gather(turned))

        flat = self.norm(both.flatten(1))

        return self.classify(flat)
