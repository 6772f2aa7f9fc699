from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(
            input_size=8,
            hidden_size=32,
            num_layers=2,
            batch_first=True,
            bidirectional=True,
        )
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        columns = x[:, 0].transpose(1, 2)
        states, _ = self.rnn(columns)
        return self.out(states.mean(dim=1))
