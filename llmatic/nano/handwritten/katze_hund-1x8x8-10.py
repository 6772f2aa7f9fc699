import torch.nn as nn
import torch.nn.functional as F


class Rudel(nn.Module):
    def __init__(self, hunde, wurf):
        super().__init__()
        self.schnauze = nn.Conv2d(hunde, wurf, 3, padding=1)
        self.fell = nn.InstanceNorm2d(wurf, affine=True)

    def forward(self, spur):
        return F.relu(self.fell(self.schnauze(spur)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.dackel = Rudel(1, 10)
        self.pudel = Rudel(10, 20)
        self.dogge = Rudel(20, 30)
        self.napf = nn.Linear(30 * 2 * 2, 10)

    def forward(self, spur):
        spur = F.max_pool2d(self.pudel(self.dackel(spur)), 2)
        spur = F.max_pool2d(self.dogge(spur), 2)
        return self.napf(spur.flatten(1))
