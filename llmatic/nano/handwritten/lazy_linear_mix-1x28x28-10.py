from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 12, 6, stride=3)
        self.hidden = nn.LazyLinear(64)
        self.logits = nn.LazyLinear(10)

    def forward(self, x):
        feats = F.max_pool2d(F.relu(self.conv(x)), 2)
        feats = feats.flatten(1)
        return self.logits(F.relu(self.hidden(feats)))
