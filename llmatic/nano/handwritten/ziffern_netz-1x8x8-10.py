import torch
from torch import nn

BREITE = 36
KLASSEN = 10


class Net(nn.Module):
    """Mehrschichtiges Netz mit Rueckblick: jede Schicht sieht die Eingabe."""

    def __init__(self):
        super().__init__()
        self.schicht_eins = nn.Linear(64, BREITE)
        self.schicht_zwei = nn.Linear(64 + BREITE, BREITE)
        self.schicht_drei = nn.Linear(64 + BREITE, BREITE)
        self.ausgang = nn.Linear(3 * BREITE, KLASSEN)

    def forward(self, eingabe):
        pixel = eingabe.flatten(start_dim=1)
        eins = torch.tanh(self.schicht_eins(pixel))
        zwei = torch.tanh(self.schicht_zwei(torch.cat([pixel, eins], dim=1)))
        drei = torch.tanh(self.schicht_drei(torch.cat([pixel, zwei], dim=1)))
        alles = torch.cat([eins, zwei, drei], dim=1)
        return self.ausgang(alles)
