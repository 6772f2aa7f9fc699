import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        c = torch.arange(16.) - 7.5
        r = (c[:, None] ** 2 + c[None, :] ** 2).sqrt().flatten()
        t = torch.atan2(c[:, None], c[None, :]).flatten()
        rings = torch.exp(-(r[:, None] - torch.arange(1., 11.)) ** 2)
        harmonics = torch.stack([torch.cos(k * t) for k in range(4)] + [torch.sin(k * t) for k in range(1, 4)], 1)
        basis = rings[:, :, None] * harmonics[:, None, :]
        self.register_buffer('basis', basis.flatten(1) / rings.sum(0).repeat_interleave(7))
        self.net = nn.Sequential(nn.BatchNorm1d(70), nn.Linear(70, 32), nn.ELU(), nn.Linear(32, 4))

    def forward(self, x):
        return self.net(x.flatten(1) @ self.basis)
