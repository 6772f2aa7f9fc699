import torch
from torch import nn, Tensor


class Net(nn.Module):
    hidden: int = 48

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.GRU(input_size=8, hidden_size=self.hidden,
                           batch_first=True, bidirectional=True)
        self.cols = nn.LSTM(8, self.hidden, batch_first=True)
        self.head = nn.Linear(3 * self.hidden, 10)

    def forward(self, images: Tensor) -> Tensor:
        seq = images.squeeze(1)                        # (N, 8, 8)
        _, h_rows = self.rows(seq)                     # (2, N, H)
        _, (h_cols, _) = self.cols(seq.transpose(1, 2))
        summary = torch.cat([h_rows[0], h_rows[1], h_cols[-1]], dim=-1)
        return self.head(torch.tanh(summary))
