import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(8, 16)
        self.pe = nn.Parameter(0.1 * torch.randn(1, 8, 16))
        layer = nn.TransformerEncoderLayer(
            d_model=16,
            nhead=2,
            dim_feedforward=32,
            dropout=0.0,
            activation='gelu',
            batch_first=True,
        )
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.decoder = nn.Linear(16, 10)

    def forward(self, x):
        x = self.embed(x.squeeze(1)) + self.pe
        x = self.encoder(x)
        return self.decoder(x.amax(dim=1))
