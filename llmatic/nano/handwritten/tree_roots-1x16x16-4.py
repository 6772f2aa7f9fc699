import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.root = nn.Conv2d(1, 16, 4, stride=2, padding=1)

        self.left_branch = nn.Conv2d(8, 12, 3, stride=2, padding=1)
        self.right_branch = nn.Conv2d(8, 12, 3, stride=2, padding=1)

        self.left_leaf = nn.Linear(12, 8)
        self.right_leaf = nn.Linear(12, 8)

        self.crown = nn.Linear(16, 4)

    def forward(self, sap):
        sap = self.root(sap).relu()
        left, right = sap.chunk(2, dim=1)

        left = self.left_branch(left).relu().amax(dim=(2, 3))
        right = self.right_branch(right).relu().mean(dim=(2, 3))

        left = self.left_leaf(left).tanh()
        right = self.right_leaf(right).tanh()

        return self.crown(torch.cat([left, right], dim=-1))
