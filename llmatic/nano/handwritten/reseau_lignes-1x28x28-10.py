import torch
from torch import nn


class Net(nn.Module):
    """Lit l'image ligne par ligne, puis resume la lecture."""

    def __init__(self):
        super().__init__()
        taille_ligne = 28
        memoire = 40
        self.lecteur = nn.GRU(
            input_size=taille_ligne,
            hidden_size=memoire,
            batch_first=True,
        )
        self.resume = nn.Linear(
            in_features=2 * memoire,
            out_features=memoire,
        )
        self.sortie = nn.Linear(
            in_features=memoire,
            out_features=10,
        )

    def forward(self, image):
        lignes = image.squeeze(1)
        lecture, dernier = self.lecteur(lignes)

        moyenne = lecture.mean(dim=1)
        fin = dernier[-1]

        ensemble = torch.cat(
            [moyenne, fin],
            dim=-1,
        )
        pensee = torch.tanh(self.resume(ensemble))
        return self.sortie(pensee)
