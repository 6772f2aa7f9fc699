import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = [3, 16, 24, 32, 48]
        layers = []
        for a, b in zip(sizes[:-1], sizes[1:]):
            layers += [nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2)]
        self.layers = nn.Sequential(*layers)
        self.drop = nn.Dropout(0.2)
        self.last = nn.Linear(48 * 2 * 2, 10)

    def forward(self, x):
        x = self.layers(x)
        x = x.flatten(start_dim=1)
        x = self.drop(x)
        return self.last(x)
