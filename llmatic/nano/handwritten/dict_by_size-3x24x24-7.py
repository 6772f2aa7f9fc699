import torch
import torch.nn as nn
import torch.nn.functional as F

SCALES = {"fine": 24, "medium": 12, "coarse": 6}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.eyes = nn.ModuleDict({k: nn.Conv2d(3, 8, 3, stride=2, padding=1) for k in SCALES})
        self.fuse = nn.Linear(8 * len(SCALES), 24)
        self.out = nn.Linear(24, 7)

    def look(self, x, name):
        size = SCALES[name]
        resized = F.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)
        return F.softplus(self.eyes[name](resized)).mean(dim=[2, 3])

    def forward(self, x):
        glimpses = [self.look(x, name) for name in SCALES]
        return self.out(F.selu(self.fuse(torch.cat(glimpses, -1))))
