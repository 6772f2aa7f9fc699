import torch.nn as nn


class ConvBNReLU(nn.Sequential):
    def __init__(self, in_ch, out_ch, stride=1):
        super().__init__(
            nn.Conv2d(in_ch, out_ch, 3, stride, 1, bias=False),
            nn.BatchNorm2d(out_ch),
            nn.ReLU(),
        )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cbr1 = ConvBNReLU(1, 16)
        self.cbr2 = ConvBNReLU(16, 16)
        self.cbr3 = ConvBNReLU(16, 32, stride=2)
        self.cbr4 = ConvBNReLU(32, 32)
        self.avg = nn.AvgPool2d(4)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.cbr1(x)
        x = self.cbr2(x)
        x = self.cbr3(x)
        x = self.cbr4(x)
        x = self.avg(x)
        return self.fc(x.view(x.shape[0], 32))
