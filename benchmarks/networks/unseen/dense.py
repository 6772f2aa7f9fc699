from torch import nn, cat


def bn_act_conv(cin, cout, k):
    return nn.Sequential(
        nn.BatchNorm2d(cin),
        nn.ELU(inplace=False),
        nn.Conv2d(cin, cout, k, padding=k // 2, bias=False),
    )


class Net(nn.Module):
    def __init__(self, growth=12, depth=4):
        super().__init__()
        width = 16
        self.stem = nn.Conv2d(1, width, 3, padding=1)
        self.layers = nn.ModuleList()
        for _ in range(depth):
            self.layers.append(bn_act_conv(width, growth, 3))
            width += growth
        self.squash = bn_act_conv(width, 32, 1)
        self.pool = nn.AvgPool2d(2)
        self.classify = nn.Linear(32 * 16, 10)

    def forward(self, x):
        feats = [self.stem(x)]
        for layer in self.layers:
            feats.append(layer(cat(feats, 1)))
        y = self.pool(self.squash(cat(feats, 1)))
        return self.classify(y.flatten(1))
