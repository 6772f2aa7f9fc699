import torch
import torch.nn as nn

HIDDEN = 24
LAYERS = 2
SIDE = 8
LABELS = 10


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(SIDE, HIDDEN, LAYERS, nonlinearity="relu", batch_first=True)
        self.out = nn.Linear(HIDDEN * LAYERS, LABELS)

    def forward(self, x):
        n = x.shape[0]
        _, states = self.rnn(x.view(n, SIDE, SIDE))
        states = states.transpose(0, 1).reshape(n, HIDDEN * LAYERS)
        return self.out(states)
