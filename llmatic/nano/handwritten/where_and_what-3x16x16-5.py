import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1),
            nn.BatchNorm2d(16),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        self.what = nn.Sequential(nn.Linear(32, 8), nn.ReLU(), nn.Linear(8, 32))
        self.where = nn.Conv2d(2, 1, 5, padding=2)
        self.fc = nn.Linear(32, 5)

    def forward(self, x):
        f = self.features(x)
        # channels first
        a = self.what(f.mean((2, 3))) + self.what(f.amax((2, 3)))
        f = f * torch.sigmoid(a).unsqueeze(-1).unsqueeze(-1)
        # then places
        flat = torch.cat([f.mean(1, keepdim=True), f.amax(1, keepdim=True)], 1)
        f = f * torch.sigmoid(self.where(flat))
        return self.fc(f.amax((2, 3)))
