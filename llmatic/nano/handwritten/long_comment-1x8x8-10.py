import torch.nn as nn

# The digits are only eight pixels wide, so there is little sense in pooling:
# every pixel matters. Instead I keep the full size the whole way, let the
# dilation grow (1, 2, 3) so that the last layer sees the entire image, and
# only then average. The softmax is part of the loss, not of the network.


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.near = nn.Conv2d(1, 16, 3, padding=1, dilation=1)
        self.mid = nn.Conv2d(16, 16, 3, padding=2, dilation=2)
        self.far = nn.Conv2d(16, 16, 3, padding=3, dilation=3)
        self.vote = nn.Conv2d(16, 10, 1)
        self.act = nn.Softsign()

    def forward(self, x):
        x = self.act(self.near(x))
        x = x + self.act(self.mid(x))
        x = x + self.act(self.far(x))
        # every place votes, and the votes are averaged
        return self.vote(x).mean((-2, -1))
