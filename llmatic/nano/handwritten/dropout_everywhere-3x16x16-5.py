import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 24, 3)
        self.drop1 = nn.Dropout2d(0.1)
        self.conv2 = nn.Conv2d(24, 24, 3)
        self.drop2 = nn.Dropout2d(0.1)
        self.fc1 = nn.Linear(24 * 6 * 6, 40)
        self.drop3 = nn.Dropout(0.25)
        self.fc2 = nn.Linear(40, 5)

    def forward(self, x):
        x = F.celu(self.drop1(self.conv1(x)))
        x = F.celu(self.drop2(self.conv2(x)))
        x = F.max_pool2d(x, 2)
        x = torch.flatten(x, 1)
        x = self.drop3(F.celu(self.fc1(x)))
        return self.fc2(x)
