import torch
import torch.nn as nn


class Net(nn.Module):
    """Chop, fry, simmer, serve."""

    def __init__(self):
        super().__init__()
        self.chop = nn.Unfold(kernel_size=4, stride=4)
        self.fry = nn.Linear(48, 40)
        self.season = nn.LayerNorm(40)
        self.simmer = nn.LSTM(40, 36, batch_first=True)
        self.serve = nn.Sequential(nn.Dropout(0.1), nn.Linear(36, 7))

    def forward(self, groceries):
        pieces = self.chop(groceries).transpose(1, 2)   # N, 36, 48
        fried = self.season(torch.relu(self.fry(pieces)))
        stew, (pot, lid) = self.simmer(fried)
        taste = stew.mean(1) + pot.squeeze(0)
        return self.serve(taste)
