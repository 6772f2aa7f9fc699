from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.local = nn.Sequential(nn.Conv1d(8, 24, 3, padding=1), nn.ReLU())
        self.scan = nn.GRU(24, 32, batch_first=True, bidirectional=True)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        columns = x.squeeze(1)             # rows become channels
        columns = self.local(columns).transpose(1, 2)
        states, _ = self.scan(columns)
        return self.out(states.mean(dim=1))
