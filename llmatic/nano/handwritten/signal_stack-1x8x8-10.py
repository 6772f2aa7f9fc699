import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # rows are the channels of one signal, columns those of another
        self.conv_r = nn.Conv1d(8, 20, 3, padding=1)
        self.conv_c = nn.Conv1d(8, 20, 3, padding=1)
        self.joint = nn.Conv1d(40, 24, 3)
        self.lin = nn.Linear(24 * 6, 10)

    def forward(self, x):
        x = x[:, 0]
        r = torch.relu(self.conv_r(x))
        c = torch.relu(self.conv_c(x.transpose(1, 2)))
        j = torch.relu(self.joint(torch.cat([r, c], 1)))
        return self.lin(j.flatten(1))
