import torch
import torch.nn.functional as F


class Net(torch.nn.Module):
    N_STEPS = 4

    def __init__(self):
        super().__init__()
        c = 3
        for step in range(self.N_STEPS):
            setattr(self, f'down{step}', torch.nn.Conv2d(c, c + 6, kernel_size=2, stride=2))
            setattr(self, f'tap{step}', torch.nn.Linear(c + 6, 10, bias=step == 0))
            c += 6

    def forward(self, x):
        total = 0
        for step in range(self.N_STEPS):
            x = F.elu(getattr(self, f'down{step}')(x))
            pooled = x.amax(dim=-1).amax(dim=-1)
            total = total + getattr(self, f'tap{step}')(pooled)
        return total / self.N_STEPS
