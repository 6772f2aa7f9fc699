import torch.nn as nn


class MixerLayer(nn.Module):
    def __init__(self, tokens, dim):
        super().__init__()
        self.ln1 = nn.LayerNorm(dim)
        self.token_mlp = nn.Sequential(nn.Linear(tokens, 32), nn.GELU(), nn.Linear(32, tokens))
        self.ln2 = nn.LayerNorm(dim)
        self.channel_mlp = nn.Sequential(nn.Linear(dim, 64), nn.GELU(), nn.Linear(64, dim))

    def forward(self, x):
        x = x + self.token_mlp(self.ln1(x).transpose(1, 2)).transpose(1, 2)
        x = x + self.channel_mlp(self.ln2(x))
        return x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patchify = nn.Conv2d(1, 32, 2, 2)
        self.layers = nn.Sequential(MixerLayer(16, 32), MixerLayer(16, 32))
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        x = self.patchify(x).flatten(2).transpose(1, 2)
        x = self.layers(x)
        return self.head(x.mean(dim=1))
