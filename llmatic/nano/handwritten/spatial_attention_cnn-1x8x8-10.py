import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 3, padding=1)
        self.conv2 = nn.Conv2d(24, 24, 3, padding=1)
        self.attention = nn.Conv2d(24, 1, kernel_size=1)
        self.fc1 = nn.Linear(24, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        feats = F.relu(self.conv1(x))
        feats = F.relu(self.conv2(feats))
        scores = self.attention(feats).flatten(2)        # N, 1, 64
        weights = torch.softmax(scores, dim=-1)
        pooled = (feats.flatten(2) * weights).sum(dim=-1)
        return self.fc2(F.relu(self.fc1(pooled)))
