import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """
    A simple Convolutional Neural Network (CNN).
    """

    def __init__(self):
        # Call the constructor of the parent class
        super(Net, self).__init__()

        # Convolutional part
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=6, kernel_size=5, stride=1, padding=0)
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(in_channels=6, out_channels=12, kernel_size=5, stride=1, padding=0)

        # Fully connected part
        self.dropout = nn.Dropout(p=0.25)
        self.fc1 = nn.Linear(in_features=12 * 4 * 4, out_features=60)
        self.fc2 = nn.Linear(in_features=60, out_features=10)

    def forward(self, x):
        # Shape: (N, 1, 28, 28) -> (N, 6, 12, 12)
        x = self.pool(F.relu(self.conv1(x)))
        # Shape: -> (N, 12, 4, 4)
        x = self.pool(F.relu(self.conv2(x)))
        # Shape: -> (N, 192)
        x = x.view(-1, self.num_flat_features(x))
        x = self.dropout(F.relu(self.fc1(x)))
        return self.fc2(x)

    def num_flat_features(self, x):
        num = 1
        for s in x.size()[1:]:
            num *= s
        return num
