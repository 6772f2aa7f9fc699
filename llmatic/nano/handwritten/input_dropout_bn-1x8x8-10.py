import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_drop = nn.Dropout(0.1)
        self.conv = nn.Conv2d(1, 32, kernel_size=4, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(32)
        self.relu = nn.ReLU()
        self.drop = nn.Dropout(0.3)
        self.fc1 = nn.Linear(32 * 4 * 4, 64)
        self.bn_fc = nn.BatchNorm1d(64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.input_drop(x)
        x = self.relu(self.bn(self.conv(x)))
        x = x.flatten(1)
        x = self.relu(self.bn_fc(self.fc1(x)))
        x = self.drop(x)
        logits = self.fc2(x)
        return logits
