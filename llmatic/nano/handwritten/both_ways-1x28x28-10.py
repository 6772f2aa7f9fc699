from torch import nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        hidden = 40
        self.lstm = nn.LSTM(
            28,
            hidden,
            num_layers=1,
            batch_first=True,
            bidirectional=True,
        )
        self.dropout = nn.Dropout(0.2)
        self.to_logits = nn.Linear(2 * hidden, 10)

    def forward(self, images):
        # (N, 1, 28, 28) -> (N, 28, 28)
        sequence = images.flatten(1, 2)
        states, _ = self.lstm(sequence)
        summary = states.mean(dim=1)
        return self.to_logits(self.dropout(summary))
