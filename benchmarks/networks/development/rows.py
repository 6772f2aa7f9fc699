import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 32, num_layers=2, batch_first=True)
        self.norm = nn.LayerNorm(32)
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        rows = x.squeeze(1)
        outputs, _ = self.lstm(rows)
        last = self.norm(outputs[:, -1])
        return self.head(last)
