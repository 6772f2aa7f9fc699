import torch
import torch.nn as nn
import torch.nn.functional as F


class Kaisou(nn.Module):
    def __init__(self, ue, shita):
        super().__init__()
        self.tatamikomi = nn.Conv2d(ue, shita, kernel_size=3, stride=2, padding=1)
        self.mon = nn.Conv2d(ue, shita, kernel_size=3, stride=2, padding=1)

    def forward(self, nagare):
        # mon = gate
        return self.tatamikomi(nagare) * torch.sigmoid(self.mon(nagare))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.aka = Kaisou(3, 12)
        self.ao = Kaisou(12, 24)
        self.kiiro = Kaisou(24, 36)
        self.shiro = nn.Linear(36 * 4 * 4, 48)
        self.kuro = nn.Linear(48, 10)

    def forward(self, nagare):
        nagare = self.kiiro(self.ao(self.aka(nagare)))
        nagare = F.dropout(nagare.flatten(1), 0.2, self.training)
        nagare = F.gelu(self.shiro(nagare))
        return self.kuro(nagare)
