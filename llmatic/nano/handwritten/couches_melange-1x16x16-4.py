from torch import nn
import torch.nn.functional as F


def couche(entree, sortie, pas=1):
    """Convolution, normalisation, activation."""
    return nn.Sequential(
        nn.Conv2d(entree, sortie, 3, stride=pas, padding=1, bias=False),
        nn.BatchNorm2d(sortie),
        nn.PReLU(sortie),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.debut = couche(1, 12)
        self.gauche = couche(12, 12, pas=2)
        self.droite = nn.Sequential(nn.MaxPool2d(2), couche(12, 12))
        self.fin = couche(12, 24, pas=2)
        self.dernier = nn.Linear(24, 4)

    def forward(self, image):
        debut = self.debut(image)
        somme = self.gauche(debut) + self.droite(debut)
        fin = self.fin(somme)
        return self.dernier(F.adaptive_avg_pool2d(fin, 1).squeeze(-1).squeeze(-1))
