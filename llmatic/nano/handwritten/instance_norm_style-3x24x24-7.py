from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(3, 16, 4, 2, 1),
            nn.InstanceNorm2d(16, affine=True),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, 4, 2, 1),
            nn.InstanceNorm2d(32, affine=True),
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 48, 4, 2, 1),
            nn.LeakyReLU(0.2),
        )
        self.to_logits = nn.Conv2d(48, 7, 3)

    def forward(self, img):
        code = self.encoder(img)
        return self.to_logits(code).view(-1, 7)
