import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.nyuuryoku_sou = nn.Conv2d(1, 16, 3, padding=1)
        self.tate = nn.Conv2d(16, 16, (3, 1), padding=(1, 0))
        self.yoko = nn.Conv2d(16, 16, (1, 3), padding=(0, 1))
        self.seikika = nn.GroupNorm(4, 32)
        self.shuturyoku_sou = nn.Linear(32, 10)

    def forward(self, gazou):
        tokuchou = F.leaky_relu(self.nyuuryoku_sou(gazou), 0.1)
        tate_tokuchou = self.tate(tokuchou)
        yoko_tokuchou = self.yoko(tokuchou)
        ketsugou = torch.cat([tate_tokuchou, yoko_tokuchou], dim=1)
        ketsugou = F.leaky_relu(self.seikika(ketsugou), 0.1)
        saidai = F.adaptive_max_pool2d(ketsugou, 1)
        saidai = torch.flatten(saidai, 1)
        kekka = self.shuturyoku_sou(saidai)
        return kekka
