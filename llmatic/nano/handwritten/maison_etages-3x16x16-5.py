from torch import nn
from torch.nn import functional as F


class Etage(nn.Module):
    def __init__(self, largeur, hauteur):
        super().__init__()
        self.escalier = nn.Conv2d(largeur, hauteur, 1, stride=2)
        self.chambre = nn.Conv2d(largeur, hauteur, 3, stride=2, padding=1)
        self.fenetre = nn.Conv2d(hauteur, hauteur, 3, padding=1)
        self.peinture = nn.BatchNorm2d(hauteur)

    def forward(self, visiteur):
        en_haut = F.elu(self.chambre(visiteur))
        en_haut = self.peinture(self.fenetre(en_haut))
        return F.elu(en_haut + self.escalier(visiteur))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rez_de_chaussee = Etage(3, 12)
        self.premier = Etage(12, 24)
        self.grenier = nn.Linear(24, 5)

    def forward(self, visiteur):
        visiteur = self.rez_de_chaussee(visiteur)
        visiteur = self.premier(visiteur)
        return self.grenier(visiteur.mean((2, 3)))
