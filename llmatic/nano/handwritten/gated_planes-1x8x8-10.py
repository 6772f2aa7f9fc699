import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 32, (1, 5), padding=(0, 2))
        self.b = nn.Conv2d(16, 32, (5, 1), padding=(2, 0))
        self.c = nn.Conv2d(16, 40, 2, 2)
        self.d = nn.Conv2d(20, 20, 4)

    def forward(self, x):
        for layer in self.a, self.b, self.c, self.d:
            x = F.glu(layer(x), 1)
        return x.flatten(1)
