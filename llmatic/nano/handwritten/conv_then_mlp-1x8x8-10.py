from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels=1,
            out_channels=12,
            kernel_size=3,
        )
        self.mlp = nn.Sequential(
            nn.Linear(12 * 6 * 6, 80),
            nn.BatchNorm1d(80),
            nn.ReLU(),
            nn.Linear(80, 10),
        )

    def forward(self, inputs):
        maps = F.relu(self.conv(inputs))
        vector = maps.flatten(1)
        return self.mlp(vector)
