import torch.nn as nn

CFG = [8, 'M', 16, 16, 'M', 32, 'M']


def make_layers(cfg, c):
    layers = []
    for v in cfg:
        if v == 'M':
            layers.append(nn.MaxPool2d(2))
        else:
            layers.append(nn.Conv2d(c, v, 3, padding=1))
            layers.append(nn.ReLU(inplace=True))
            c = v
    return nn.Sequential(*layers)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = make_layers(CFG, 1)
        self.fc = nn.Sequential(nn.Linear(32 * 9, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10))

    def forward(self, x):
        x = self.features(x)
        x = x.view(x.shape[0], -1)
        return self.fc(x)
