import torch.nn as nn
from torch import Tensor, cat


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        kw = dict(input_size=32, hidden_size=14, batch_first=True)
        self.lr = nn.LSTM(**kw)
        self.tb = nn.LSTM(**kw)
        self.classify = nn.Linear(28, 3)

    def scan_rows(self, x: Tensor) -> Tensor:
        seq = x.permute(0, 2, 1, 3).flatten(2)
        _, (hidden, _) = self.tb(seq)
        return hidden[-1]

    def scan_columns(self, x: Tensor) -> Tensor:
        seq = x.permute(0, 3, 1, 2).flatten(2)
        steps, _ = self.lr(seq)
        return steps[:, -1]

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(cat([self.scan_rows(x), self.scan_columns(x)], 1))
