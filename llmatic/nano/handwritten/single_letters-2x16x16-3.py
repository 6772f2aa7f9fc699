from torch import nn
from torch.nn import functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a=nn.Conv2d(2,8,3,2,1)
        self.b=nn.Conv2d(8,16,3,2,1)
        self.c=nn.Conv2d(16,16,3,1,1)
        self.d=nn.Linear(16,12)
        self.e=nn.Linear(12,3)
    def forward(self,x):
        y=F.silu(self.a(x))
        z=F.silu(self.b(y))
        z=z+F.silu(self.c(z))
        v=z.amax((2,3))
        w=F.silu(self.d(v))
        return self.e(w)
