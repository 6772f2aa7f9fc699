import torch.nn as nn


class Net(nn.Module):
    """Multinomial logistic regression on centred pixels."""

    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(64)
        self.W = nn.Linear(64, 10)

    def forward(self, x):
        return self.W(self.norm(x.reshape(len(x), -1)))
