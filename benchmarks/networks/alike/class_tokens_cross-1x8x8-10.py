import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        e = 20
        self.rows = nn.Linear(8, e)
        self.cols = nn.Linear(8, e)
        self.where = nn.Parameter(torch.randn(16, e) * 0.1)
        self.probe = nn.Parameter(torch.randn(1, 4, e))
        self.cross = nn.MultiheadAttention(embed_dim=e, num_heads=2, batch_first=True)
        self.answer = nn.Linear(4 * e, 10)

    def forward(self, x):
        g = x.squeeze(1)
        lines = torch.cat([self.rows(g), self.cols(g.transpose(1, 2))], dim=1)
        lines = lines + self.where
        probe = self.probe.expand(len(x), -1, -1)
        found, _ = self.cross(query=probe, key=lines, value=lines)
        return self.answer(found.flatten(1))
