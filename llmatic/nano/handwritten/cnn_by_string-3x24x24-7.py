import torch.nn as nn


class Net(nn.Module):
    cfg = "8 M 16 16 M 24 M"

    def __init__(self):
        super().__init__()
        self.features = self._make(self.cfg.split())
        self.avgpool = nn.AdaptiveMaxPool2d(2)
        self.classifier = nn.Sequential(
            nn.Linear(24 * 2 * 2, 32),
            nn.ReLU(True),
            nn.Dropout(),
            nn.Linear(32, 7),
        )

    def _make(self, codes):
        layers, c = [], 3
        for code in codes:
            if code == "M":
                layers.append(nn.MaxPool2d(2, 2))
            else:
                layers.append(nn.Conv2d(c, int(code), 3, padding=1))
                layers.append(nn.ReLU(True))
                c = int(code)
        return nn.Sequential(*layers)

    def forward(self, x):
        x = self.avgpool(self.features(x))
        x = x.flatten(1)
        return self.classifier(x)
