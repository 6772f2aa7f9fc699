import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, ):
        super().__init__()
        self.scan = nn.Sequential(
            nn.Conv2d(1, 12, (3, 3), stride=(2, 2)),
            nn.ReLU6(),
            nn.Conv2d(12, 24, (3, 3), stride=(2, 2)),
            nn.ReLU6(),
        )
        self.k = 5
        self.weigh = nn.Parameter(torch.full((self.k,), 1 / self.k))
        self.fc = nn.Linear(24, 10)

    def forward(self, img):
        maps = self.scan(img).flatten(2)
        best, _ = maps.topk(self.k, dim=2)
        return self.fc(best @ self.weigh)
