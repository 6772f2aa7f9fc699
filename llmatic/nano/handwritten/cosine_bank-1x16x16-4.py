import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.templates = nn.Parameter(torch.empty(32, 256))
        nn.init.xavier_normal_(self.templates)
        self.temperature = nn.Parameter(torch.tensor(5.))
        self.register_buffer('window', torch.hann_window(16, periodic=False))
        self.linear = nn.Linear(32, 4)

    def forward(self, x):
        assert x.dim() == 4, 'expects a batch of images'
        w = 0.5 + 0.5 * self.window.outer(self.window)
        flat = F.normalize((x * w).flatten(1), dim=1, eps=1e-4)
        match = F.linear(flat, F.normalize(self.templates, dim=1))
        return self.linear(torch.softmax(match * self.temperature, dim=1) * 32)
