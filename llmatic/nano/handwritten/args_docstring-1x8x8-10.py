"""Tiny two-stream classifier."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class Stream(nn.Module):
    """Reads the picture along one axis.

    Args:
        size: length of a line of pixels.
        units: number of filters.
    """

    def __init__(self, size, units):
        super().__init__()
        self.filters = nn.Conv1d(size, units, kernel_size=3, padding=1)

    def forward(self, lines):
        """Args:
            lines: tensor (N, size, length).

        Returns:
            tensor (N, units), the strongest answer of each filter.
        """
        return F.relu(self.filters(lines)).max(dim=-1).values


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rows = Stream(8, 32)
        self.columns = Stream(8, 32)
        self.combine = nn.Bilinear(32, 32, 10)

    def forward(self, x):
        grid = x[:, 0]
        return self.combine(self.rows(grid), self.columns(grid.transpose(1, 2)))
