import torch.nn as nn
import torch


class Net(nn.Module):
    """LeNet-5 with tanh and average pooling."""

    def __init__(self):
        super().__init__()
        self.C1 = nn.Conv2d(1, 6, 5, padding=2)
        self.S2 = nn.AvgPool2d(2, 2)
        self.C3 = nn.Conv2d(6, 16, 5)
        self.S4 = nn.AvgPool2d(2, 2)
        self.C5 = nn.Conv2d(16, 120, 5)
        self.F6 = nn.Linear(120, 84)
        self.output = nn.Linear(84, 10)

    def forward(self, img):
        out = torch.tanh(self.C1(img))
        out = self.S2(out)
        out = torch.tanh(self.C3(out))
        out = self.S4(out)
        out = torch.tanh(self.C5(out))
        out = out.view(out.size(0), -1)
        out = torch.tanh(self.F6(out))
        return self.output(out)
