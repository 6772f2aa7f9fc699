import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 5, padding=2)
        self.lstm = nn.LSTM(input_size=8 * 14, hidden_size=48, batch_first=True)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        # columns become time steps
        x = x.permute(0, 3, 1, 2).flatten(2)
        _, (h_n, c_n) = self.lstm(x)
        return self.fc(h_n[-1])
