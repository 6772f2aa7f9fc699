import torch
import torch.nn as nn
import torch.nn.functional as F

CRECIMIENTO = 8


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        g = CRECIMIENTO
        self.tronco = nn.Conv2d(1, g, 4, stride=4)
        self.vecino1 = nn.Conv2d(g, g, 3, padding=1)
        self.vecino2 = nn.Conv2d(2 * g, g, 3, padding=1)
        self.vecino3 = nn.Conv2d(3 * g, g, 3, padding=1)
        self.acuerdo = nn.Conv2d(4 * g, 2 * g, 1)
        self.clase = nn.Linear(2 * g * 9, 10)

    def forward(self, x):
        barrio = [F.mish(self.tronco(x))]
        for vecino in (self.vecino1, self.vecino2, self.vecino3):
            barrio.append(F.mish(vecino(torch.cat(barrio, dim=1))))
        x = F.mish(self.acuerdo(torch.cat(barrio, dim=1)))
        x = F.max_pool2d(x, 2)
        return self.clase(x.flatten(1))
