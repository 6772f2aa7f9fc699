import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # learned "x-ray" directions: each is a weighted sum along one axis
        self.from_top = nn.Parameter(torch.randn(6, 28) / 28 ** 0.5)
        self.from_side = nn.Parameter(torch.randn(6, 28) / 28 ** 0.5)

        self.shadow_conv = nn.Conv1d(12, 24, kernel_size=5, stride=2)
        self.shadow_norm = nn.BatchNorm1d(24)
        self.shadow_pool = nn.AdaptiveMaxPool1d(4)

        self.diagnosis = nn.Linear(24 * 4, 10)

    def forward(self, body):
        body = body[:, 0, :, :]

        top = torch.einsum("kh,nhw->nkw", self.from_top, body)
        side = torch.einsum("kw,nhw->nkh", self.from_side, body)

        shadow = torch.cat([top, side], dim=1)
        shadow = self.shadow_norm(self.shadow_conv(shadow)).relu()
        shadow = self.shadow_pool(shadow)

        return self.diagnosis(shadow.flatten(1))
