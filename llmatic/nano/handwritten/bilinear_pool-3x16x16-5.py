import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, 2, 1)
        self.what = nn.Conv2d(16, 12, 3, padding=1)
        self.where = nn.Conv2d(16, 8, 1)
        self.fc = nn.Linear(96, 5)

    def forward(self, x):
        x = F.relu(self.stem(x))
        p, q = self.what(x).relu(), self.where(x).sigmoid()
        z = torch.einsum('nchw,ndhw->ncd', p, q) / 64
        z = z.flatten(1)
        z = z.sign() * (z.abs() + 1e-6).sqrt()
        return self.fc(F.normalize(z, dim=1) * 8)
