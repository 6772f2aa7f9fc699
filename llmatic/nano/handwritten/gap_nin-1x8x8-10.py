import torch.nn as nn


def nin_block(in_c, out_c, k, p):
    return nn.Sequential(
        nn.Conv2d(in_c, out_c, k, padding=p), nn.ReLU(),
        nn.Conv2d(out_c, out_c, kernel_size=1), nn.ReLU(),
        nn.Conv2d(out_c, out_c, kernel_size=1), nn.ReLU())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nin_block(1, 24, 5, 2),
            nn.MaxPool2d(3, stride=2, padding=1),
            nn.Dropout(0.25),
            nin_block(24, 32, 3, 1),
            nn.Conv2d(32, 10, 3, padding=1),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten())

    def forward(self, x):
        return self.net(x)
