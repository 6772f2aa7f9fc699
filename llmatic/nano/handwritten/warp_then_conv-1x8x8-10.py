import torch
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.flow = nn.Conv2d(1, 2, 5, padding=2)
        nn.init.zeros_(self.flow.weight)
        nn.init.zeros_(self.flow.bias)
        self.features = nn.Sequential(nn.Conv2d(1, 20, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.classes = nn.Linear(180, 10)
        self.register_buffer('eye', torch.tensor([[[1., 0., 0.], [0., 1., 0.]]]))

    def forward(self, x):
        base = F.affine_grid(self.eye.expand(x.size(0), 2, 3), list(x.shape), align_corners=True)
        shift = self.flow(x).permute(0, 2, 3, 1)
        x = F.grid_sample(x, base + 0.3 * shift.tanh(), align_corners=True, padding_mode='border')
        return self.classes(self.features(x))
