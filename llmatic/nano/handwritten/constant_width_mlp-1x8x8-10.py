import torch.nn as nn

WIDTH = 52
DEPTH = 5


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        modules = [nn.Flatten(), nn.Linear(64, WIDTH), nn.Tanh()]
        for _ in range(DEPTH - 2):
            modules.extend([nn.Linear(WIDTH, WIDTH), nn.Tanh()])
        modules.append(nn.Linear(WIDTH, 10))
        self.model = nn.Sequential(*modules)

    def forward(self, x):
        return self.model(x)
