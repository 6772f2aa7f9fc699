import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        dim = 48
        self.to_patches = nn.Conv2d(3, dim, kernel_size=8, stride=8)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(torch.randn(1, 17, dim) * 0.02)
        self.encoder = nn.TransformerEncoderLayer(
            d_model=dim,
            nhead=4,
            dim_feedforward=96,
            dropout=0.1,
            activation="gelu",
            batch_first=True,
        )
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, 10)

    def forward(self, x):
        tokens = self.to_patches(x).flatten(2).transpose(1, 2)
        cls = self.cls_token.expand(tokens.shape[0], -1, -1)
        tokens = torch.cat([cls, tokens], dim=1) + self.pos_embed
        tokens = self.encoder(tokens)
        return self.head(self.norm(tokens[:, 0]))
