import torch.nn as nn
import torch.nn.functional as F

N_OCULTAS = 64
N_CLASES = 10


class CapaResidual(nn.Module):
    """Capa densa con conexion de salto."""

    def __init__(self, ancho):
        super().__init__()
        self.normaliza = nn.LayerNorm(ancho)
        self.sube = nn.Linear(ancho, 2 * ancho)
        self.baja = nn.Linear(2 * ancho, ancho)

    def forward(self, entrada):
        salida = self.normaliza(entrada)
        salida = F.gelu(self.sube(salida))
        salida = self.baja(salida)
        return entrada + salida


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.entrada = nn.Linear(8 * 8, N_OCULTAS)
        self.capas = nn.ModuleList([CapaResidual(N_OCULTAS), CapaResidual(N_OCULTAS)])
        self.salida = nn.Linear(N_OCULTAS, N_CLASES)

    def forward(self, imagen):
        h = self.entrada(imagen.view(imagen.size(0), -1))
        for capa in self.capas:
            h = capa(h)
        return self.salida(h)
