import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = nn.Flatten()
        self.hidden_1 = nn.Linear(64, 96)
        self.hidden_2 = nn.Linear(96, 48)
        self.output = nn.Linear(48, 10)
        self.dropout = nn.Dropout(p=0.1)

    def forward(self, x):
        x = self.flat(x)
        x = F.relu(self.hidden_1(x))
        x = self.dropout(x)
        x = F.relu(self.hidden_2(x))
        x = self.output(x)
        return x
