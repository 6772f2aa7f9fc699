import torch
from torch import nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.top = nn.Linear(32, 12)
        self.bottom = nn.Linear(32, 12)
        self.fc = nn.Linear(144, 10)

    def forward(self, x):
        upper, lower = x.flatten(1).split(32, dim=1)
        p = F.relu(self.top(upper))
        q = F.relu(self.bottom(lower))
        pq = torch.bmm(p.unsqueeze(2), q.unsqueeze(1))
        return self.fc(pq.view(-1, 144))
