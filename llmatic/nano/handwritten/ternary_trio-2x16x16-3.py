import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.uno = nn.Sequential(nn.Conv2d(1, 10, 3, 2), nn.Tanh(), nn.Conv2d(10, 14, 3, 2), nn.Tanh())
        self.due = nn.Sequential(nn.Conv2d(1, 10, 3, 2), nn.Tanh(), nn.Conv2d(10, 14, 3, 2), nn.Tanh())
        self.tre = nn.Conv2d(14, 20, 3)
        self.fine = nn.Linear(20, 3)
    def forward(self, immagine):
        prima, seconda = immagine[:, :1], immagine[:, 1:]
        a = self.uno(prima)
        b = self.due(seconda)
        uguale = a * b
        diverso = (a - b).abs()
        unito = torch.tanh(self.tre(uguale - diverso))
        return self.fine(unito.flatten(1))
