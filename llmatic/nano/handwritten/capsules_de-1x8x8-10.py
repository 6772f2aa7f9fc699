import torch
from torch import nn


def quetschen(vektor, achse=-1):
    laenge2 = vektor.square().sum(achse, keepdim=True)
    return vektor * laenge2 / (1 + laenge2) / (laenge2 + 1e-6).sqrt()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.falten = nn.Conv2d(1, 24, 4, stride=2)
        self.drehung = nn.Parameter(0.1 * torch.randn(27, 10, 8, 6))

    def forward(self, bild):
        karte = self.falten(bild).relu()
        teile = quetschen(karte.flatten(1).view(-1, 27, 8))
        stimmen = torch.einsum("nti,tkio->ntko", teile, self.drehung)
        erste = quetschen(stimmen.mean(dim=1))
        einig = (stimmen * erste.unsqueeze(1)).sum(-1, keepdim=True)
        gewicht = einig.softmax(dim=2)
        ganze = (gewicht * stimmen).sum(dim=1)
        return ganze.norm(dim=-1)
