import torch
from torch import nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        g = torch.linspace(-1, 1, 7)
        self.register_buffer('xy', torch.cartesian_prod(g, g))
        self.siren = nn.ModuleList([nn.Linear(2, 16), nn.Linear(16, 16), nn.Linear(16, 14)])
        self.norm = nn.BatchNorm2d(14)
        self.fc = nn.Linear(14 * 25, 4)

    def forward(self, x):
        a, b, c = self.siren
        k = c(torch.sin(b(torch.sin(3 * a(self.xy)))))
        k = k.t().reshape(14, 1, 7, 7) / 7
        y = F.conv2d(x, k).relu()
        return self.fc(self.norm(F.avg_pool2d(y, 2)).flatten(1))
