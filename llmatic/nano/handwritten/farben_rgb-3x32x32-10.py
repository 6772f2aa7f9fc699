import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        # Rot, Gruen und Blau werden getrennt betrachtet
        self.rot = nn.Conv2d(1, 6, 5, stride=2, padding=2)
        self.gruen = nn.Conv2d(1, 6, 5, stride=2, padding=2)
        self.blau = nn.Conv2d(1, 6, 5, stride=2, padding=2)
        # danach gemischt
        self.mischung = nn.Conv2d(18, 32, 3, stride=2, padding=1)
        self.verfeinerung = nn.Conv2d(32, 48, 3, stride=2, padding=1)
        self.ausgabe = nn.Linear(48, 10)

    def forward(self, bild):
        r, g, b = bild.split(1, dim=1)
        rote_merkmale = torch.relu(self.rot(r))
        gruene_merkmale = torch.relu(self.gruen(g))
        blaue_merkmale = torch.relu(self.blau(b))
        alle = torch.cat((rote_merkmale, gruene_merkmale, blaue_merkmale), dim=1)
        gemischt = torch.relu(self.mischung(alle))
        fein = torch.relu(self.verfeinerung(gemischt))
        mittel = fein.mean(dim=(2, 3))
        return self.ausgabe(mittel)
