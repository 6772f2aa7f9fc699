"""The whole network that a cell stands for, as source of its own.

Source of the design: Dong and Yang, ICLR 2020, Fig. 1: a stem, three stacks of five
cells with 16, 32 and 64 channels, a residual block that halves the image between them,
global pooling and a classifier. Knows how it is written, not what it is worth.
"""

from __future__ import annotations

from llmatic.nasbench201.cell import EDGES, Cell

__all__ = ["network_source"]

NETWORK = '''\
"""A network of NAS-Bench-201 for images of three channels; its cell is
{architecture}
"""

import torch
import torch.nn as nn


class Zeroize(nn.Module):
    def __init__(self, channels):
        super().__init__()

    def forward(self, x):
        return torch.zeros_like(x)


class SkipConnection(nn.Identity):
    def __init__(self, channels):
        super().__init__()


class Convolution(nn.Sequential):
    def __init__(self, channels, out_channels, kernel_size, stride=1):
        super().__init__(
            nn.ReLU(),
            nn.Conv2d(
                channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False
            ),
            nn.BatchNorm2d(out_channels),
        )


class Conv1x1(Convolution):
    def __init__(self, channels):
        super().__init__(channels, channels, 1)


class Conv3x3(Convolution):
    def __init__(self, channels):
        super().__init__(channels, channels, 3)


class AvgPool3x3(nn.AvgPool2d):
    def __init__(self, channels):
        super().__init__(3, stride=1, padding=1, count_include_pad=False)


class Cell(nn.Module):
    def __init__(self, channels):
        super().__init__()
{edges}

    def forward(self, x0):
        x1 = self.edge_0_1(x0)
        x2 = self.edge_0_2(x0) + self.edge_1_2(x1)
        x3 = self.edge_0_3(x0) + self.edge_1_3(x1) + self.edge_2_3(x2)
        return x3


class Reduction(nn.Module):
    """Halves the image and doubles the channels."""

    def __init__(self, channels):
        super().__init__()
        self.layers = nn.Sequential(
            Convolution(channels, 2 * channels, 3, stride=2),
            Convolution(2 * channels, 2 * channels, 3),
        )
        self.shortcut = nn.Sequential(
            nn.AvgPool2d(2, stride=2), nn.Conv2d(channels, 2 * channels, 1, bias=False)
        )

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16))
        self.cells = nn.Sequential(
            *[Cell(16) for _ in range(5)],
            Reduction(16),
            *[Cell(32) for _ in range(5)],
            Reduction(32),
            *[Cell(64) for _ in range(5)],
        )
        self.last = nn.Sequential(nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Linear(64, {classes})

    def forward(self, x):
        x = self.last(self.cells(self.stem(x)))
        return self.classifier(x.flatten(1))
'''


def network_source(cell: Cell, classes: int) -> str:
    """Source of a network that needs nothing but PyTorch.

    Args:
        cell: What each of its fifteen cells is.
        classes: Scores that it gives.
    """
    edges = (
        f"        self.edge_{start}_{end} = {operation.layer}(channels)"
        for (start, end), operation in zip(EDGES, cell.operations, strict=True)
    )
    return NETWORK.format(architecture=cell, edges="\n".join(edges), classes=classes)
