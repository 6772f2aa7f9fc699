import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sobel = torch.tensor([[1., 0., -1.], [2., 0., -2.], [1., 0., -1.]])
        bank = torch.stack([sobel, sobel.t(), -sobel, -sobel.t()])
        self.register_buffer('bank', bank[:, None] / 4)
        self.cells = nn.Conv2d(4, 16, kernel_size=7, stride=7, groups=2)
        self.hidden = nn.Linear(256, 32)
        self.output = nn.Linear(32, 10)

    def orient(self, x):
        edges = F.conv2d(x, self.bank, padding=1).clamp(min=0.)
        return edges / (edges.sum(1, keepdim=True) + 0.5)

    def forward(self, x):
        cells = F.relu(self.cells(self.orient(x)))
        return self.output(F.relu(self.hidden(cells.flatten(1))))
