import torch.nn.functional as F
from torch.nn import (Conv2d, LayerNorm, Linear, Module, ModuleList)
from torch import nn


class MixerLayer(Module):
    def __init__(self, tokens, channels):
        super().__init__()
        self.norm_t = LayerNorm(channels)
        self.norm_c = LayerNorm(channels)
        self.tok1 = Linear(tokens, 32)
        self.tok2 = Linear(32, tokens)
        self.ch1 = Linear(channels, 64)
        self.ch2 = Linear(64, channels)

    def forward(self, x):
        y = self.norm_t(x).transpose(1, 2)
        y = self.tok2(F.gelu(self.tok1(y)))
        x = x + y.transpose(1, 2)
        return x + self.ch2(F.gelu(self.ch1(self.norm_c(x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch = Conv2d(1, 24, kernel_size=2, stride=2)
        self.mix = ModuleList(MixerLayer(16, 24) for _ in range(3))
        self.out = Linear(24, 10)

    def forward(self, img):
        x = self.patch(img).flatten(2).transpose(1, 2)
        for m in self.mix:
            x = m(x)
        return self.out(x.mean(dim=1))
