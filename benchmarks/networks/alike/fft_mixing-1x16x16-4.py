import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Conv2d(1, 16, 3, 2, 1)
        self.ff = nn.ModuleList([nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 40), nn.GELU(), nn.Linear(40, 16)) for _ in range(2)])
        self.ln = nn.LayerNorm(16)
        self.o = nn.Linear(16 * 64, 4)

    def forward(self, x):
        x = self.e(x).permute(0, 2, 3, 1)
        for f in self.ff:
            mixed = torch.fft.fft2(self.ln(x), dim=(1, 2), norm="ortho").real
            x = x + mixed
            x = x + f(x)
        return self.o(x.flatten(1))
