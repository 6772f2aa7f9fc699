from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = (64, 32, 32, 32, 32, 10)
        layers = [nn.Flatten()]
        for i in range(len(sizes) - 1):
            layers.append(nn.Linear(sizes[i], sizes[i + 1]))
            if i < len(sizes) - 2:
                layers.append(nn.LeakyReLU(0.05))
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)
