from torch import nn, relu


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv11 = nn.Conv2d(1, 16, 3, 1, 1)
        self.conv12 = nn.Conv2d(16, 16, 3, 1, 1)
        self.conv21 = nn.Conv2d(16, 32, 3, 1, 1)
        self.conv22 = nn.Conv2d(32, 32, 3, 1, 1)
        self.pool = nn.MaxPool2d(2)
        self.dense = nn.Linear(128, 10)

    def forward(self, x):
        x = relu(self.conv11(x))
        x = self.pool(relu(self.conv12(x)))
        x = relu(self.conv21(x))
        x = self.pool(relu(self.conv22(x)))
        return self.dense(x.flatten(1))
