import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden1 = nn.Linear(64, 48)
        self.hidden2 = nn.Linear(48, 48)
        self.out = nn.Linear(48, 10)
        self.relu = nn.ReLU()
        for layer in (self.hidden1, self.hidden2):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        h = x.flatten(1)
        h = self.relu(self.hidden1(h))
        h = self.relu(self.hidden2(h))
        return self.out(h)
