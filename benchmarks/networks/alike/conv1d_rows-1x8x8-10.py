from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    # every image row is a channel, columns are time
    def __init__(self):
        super().__init__()
        self.t1 = nn.Conv1d(8, 32, 3, padding=1)
        self.t2 = nn.Conv1d(32, 48, 3, padding=1)
        self.fc = nn.Linear(48 * 4, 10)

    def forward(self, x):
        seq = x.squeeze(1)
        seq = F.relu(self.t1(seq))
        seq = F.relu(self.t2(seq))
        seq = F.max_pool1d(seq, 2)
        return self.fc(seq.flatten(1))
