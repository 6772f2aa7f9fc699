import torch.nn as nn


class Net(nn.Module):

    def __init__(self):

        super(Net, self).__init__()

        self.paths = nn.ModuleDict()
        self.paths['big'] = nn.Sequential(
            nn.Conv2d(2, 8, 8, stride=4, padding=2),
            nn.Sigmoid(),
        )
        self.paths['small'] = nn.Sequential(
            nn.Conv2d(2, 8, 2, stride=2),
            nn.Tanh(),
            nn.AvgPool2d(2),
        )
        self.fc = nn.Linear(8 * 4 * 4, 3)

    def forward(self, x):

        gate = self.paths['big'](x)
        content = self.paths['small'](x)
        assert gate.shape == content.shape

        return self.fc((gate * content).flatten(1))
