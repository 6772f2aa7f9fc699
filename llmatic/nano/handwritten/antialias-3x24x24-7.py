import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        tri = torch.tensor([1.0, 2.0, 1.0])
        self.register_buffer("tri", (tri[:, None] * tri[None, :] / 16).view(1, 1, 3, 3))
        self.a = nn.Conv2d(3, 8, 3, padding="same")
        self.b = nn.Conv2d(8, 16, 3, padding="same")
        self.c = nn.Conv2d(16, 16, 3, padding="same", dilation=2)
        self.d = nn.Linear(16 * 9, 7)

    def blur(self, x):
        c = x.size(1)
        return F.conv2d(x, self.tri.repeat(c, 1, 1, 1), stride=2, padding=1, groups=c)

    def forward(self, x):
        for conv in (self.a, self.b, self.c):
            x = self.blur(F.silu(conv(x)))
        return self.d(x.flatten(1))
