import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.semilla = nn.Conv2d(1, 18, 3, padding=1)
        self.tallo = nn.Conv2d(6, 6, 3, padding=1)
        self.hoja = nn.Conv2d(6, 6, 3, padding=1)
        self.flor = nn.Linear(18, 10)
        self.rocio = nn.BatchNorm2d(18)

    def forward(self, agua):
        agua = self.semilla(agua).relu()
        uno, dos, tres = torch.chunk(agua, 3, dim=1)
        dos = dos + self.tallo(uno)      # res2net
        tres = tres + self.hoja(dos)
        todo = torch.cat([uno, dos, tres], dim=1)
        todo = self.rocio(todo).relu()
        return self.flor(todo.amax(dim=(-1, -2)))
