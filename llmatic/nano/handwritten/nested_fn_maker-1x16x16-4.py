import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()

        def unit(i, o, pool):
            parts = [nn.Conv2d(i, o, 3, padding=1), nn.CELU()]
            if pool:
                parts.insert(1, nn.LPPool2d(2, 2))
            return nn.Sequential(*parts)

        self.early = unit(1, 6, True)
        self.middle = unit(6, 12, False)
        self.late = unit(12, 12, True)
        self.readout = nn.Linear(12 * 16, 4)

    def forward(self, x):
        def keep(block, z):
            return block(z) + z

        x = self.early(x)
        x = self.middle(x)
        x = self.late(x)
        x = keep(self.middle[1], x)
        return self.readout(x.flatten(1))
