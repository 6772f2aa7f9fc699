import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        w = 20
        self.c1 = nn.Conv2d(1, w, 3)
        self.c2 = nn.Conv2d(w, 2 * w, 3)
        self.c3 = nn.Conv2d(2 * w, 3 * w, 3)
        self.fc = nn.Linear(3 * w * 4, 10)

    def forward(self, x):
        x = torch.relu(self.c1(x))
        x = torch.relu(self.c2(x))
        x = torch.relu(self.c3(x))
        return self.fc(x.flatten(1))
