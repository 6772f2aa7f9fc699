from torch import nn


def cba(i, o, k=3, act=nn.ReLU):
    return nn.Sequential(nn.Conv2d(i, o, k, padding=k // 2), nn.BatchNorm2d(o), act())


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            cba(1, 16, 5),
            cba(16, 32),
            nn.MaxPool2d(2),
            cba(32, 32, act=nn.SiLU),
            cba(32, 48, 1),
            nn.AdaptiveAvgPool2d(1),
        )
        self.classifier = nn.Linear(48, 10)

    def forward(self, x):
        f = self.features(x).flatten(1)
        return self.classifier(f)
