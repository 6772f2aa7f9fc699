import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # cada pixel se compara con una paleta de colores aprendida
        self.paleta = nn.Parameter(torch.rand(24, 3))
        self.nitidez = nn.Parameter(torch.tensor(4.0))
        self.textura = nn.Conv2d(24, 24, 3, stride=2, padding=1, groups=3)
        self.resumen = nn.AdaptiveAvgPool2d((4, 4))
        self.decision = nn.Linear(24 * 16, 5)

    def forward(self, foto):
        pixeles = foto.permute(0, 2, 3, 1).unsqueeze(-2)
        distancia = (pixeles - self.paleta).pow(2).sum(dim=-1)
        pertenece = torch.softmax(-self.nitidez * distancia, dim=-1)
        mapa = pertenece.permute(0, 3, 1, 2)
        mapa = torch.relu(self.textura(mapa))
        vector = self.resumen(mapa).flatten(1)
        return self.decision(vector)
