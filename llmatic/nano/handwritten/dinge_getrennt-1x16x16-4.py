import torch.nn as nn
import torch.nn.functional as F


class TiefePunkt(nn.Module):
    def __init__(self, von, nach, schritt):
        super().__init__()
        self.tiefe = nn.Conv2d(von, von, 3, stride=schritt, padding=1, groups=von, bias=False)
        self.norm_t = nn.BatchNorm2d(von)
        self.punkt = nn.Conv2d(von, nach, 1, bias=False)
        self.norm_p = nn.BatchNorm2d(nach)

    def forward(self, x):
        x = F.relu(self.norm_t(self.tiefe(x)))
        return F.relu(self.norm_p(self.punkt(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.anfang = nn.Conv2d(1, 8, 3, padding=1)
        plan = [(8, 16, 2), (16, 16, 1), (16, 32, 2)]
        self.mitte = nn.ModuleList([TiefePunkt(*zeile) for zeile in plan])
        self.ende = nn.Linear(32, 4)

    def forward(self, x):
        x = self.anfang(x)
        for stueck in self.mitte:
            x = stueck(x)
        return self.ende(x.mean(dim=(2, 3)))
