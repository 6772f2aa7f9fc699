from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        n_pixels, n_hidden, n_classes = 256, 60, 4
        self.to_hidden = nn.Linear(n_pixels, n_hidden)
        self.to_scores = nn.Linear(n_hidden, n_classes)

    def forward(self, x):
        hidden = F.selu(self.to_hidden(x.flatten(1)))
        scores = self.to_scores(hidden)
        return scores
