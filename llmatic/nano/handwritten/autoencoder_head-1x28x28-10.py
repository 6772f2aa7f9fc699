import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 128),
            nn.ReLU(True),
            nn.Linear(128, 64),
            nn.ReLU(True),
            nn.Linear(64, 12),
        )
        self.classifier = nn.Sequential(nn.ReLU(True), nn.Linear(12, 10))

    def forward(self, x):
        latent = self.encoder(x.view(x.size(0), 784))
        return self.classifier(latent)
