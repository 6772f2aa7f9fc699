from torch.nn import Module, Linear, Dropout, BatchNorm1d
from torch.nn.functional import relu, dropout

NOIR = 64
GRIS = 52
BLANC = 10


class Net(Module):
    def __init__(self):
        super().__init__()
        self.rouge = Linear(NOIR, GRIS)
        self.orange = BatchNorm1d(GRIS)
        self.jaune = Linear(GRIS, GRIS)
        self.vert = BatchNorm1d(GRIS)
        self.bleu = Dropout(0.2)
        self.violet = Linear(GRIS, BLANC)

    def forward(self, lumiere):
        lumiere = lumiere.view(-1, NOIR)
        lumiere = relu(self.orange(self.rouge(lumiere)))
        ombre = relu(self.vert(self.jaune(lumiere)))
        lumiere = self.bleu(lumiere + ombre)
        return self.violet(lumiere)
