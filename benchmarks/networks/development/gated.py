import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 20, 3, padding=1)
        self.squeeze = nn.Linear(20, 5)
        self.excite = nn.Linear(5, 20)
        self.fc = nn.Linear(20 * 16, 10)

    def forward(self, x):
        x = F.elu(self.conv(x))
        weights = torch.sigmoid(self.excite(F.relu(self.squeeze(x.mean(dim=(2, 3))))))
        x = x * weights[:, :, None, None]
        x = F.avg_pool2d(x, 2)
        return self.fc(x.flatten(1))
