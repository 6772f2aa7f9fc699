import torch as T
import torch.nn as nn
import torch.nn.functional as F

NC = 10   # n classes
NF = 12   # n filters


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cv1 = nn.Conv2d(1, NF, 3, 1, 1)
        self.cv2 = nn.Conv2d(NF, NF, 3, 1, 1)
        self.cv3 = nn.Conv2d(2 * NF, NF, 3, 1, 1)
        self.lin = nn.Linear(3 * NF * 4, NC)
        self.do = nn.Dropout(.15)

    def forward(self, inp):
        o1 = F.hardtanh(self.cv1(inp))
        o2 = F.hardtanh(self.cv2(o1))
        o3 = F.hardtanh(self.cv3(T.cat((o1, o2), 1)))
        cc = T.cat((o1, o2, o3), 1)
        pl = F.avg_pool2d(cc, 4)
        fl = pl.view(pl.size(0), -1)
        return self.lin(self.do(fl))
