import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_layer_1 = nn.Conv2d(in_channels=3, out_channels=16, kernel_size=3)
        self.pool_layer_1 = nn.MaxPool2d(kernel_size=2)
        self.conv_layer_2 = nn.Conv2d(in_channels=16, out_channels=32, kernel_size=3)
        self.pool_layer_2 = nn.MaxPool2d(kernel_size=3)
        self.dense_layer_1 = nn.Linear(in_features=32 * 3 * 3, out_features=100)
        self.dense_layer_2 = nn.Linear(in_features=100, out_features=7)

    def forward(self, inputs):
        hidden = self.pool_layer_1(F.relu(self.conv_layer_1(inputs)))
        hidden = self.pool_layer_2(F.relu(self.conv_layer_2(hidden)))
        hidden = hidden.flatten(start_dim=1)
        hidden = F.relu(self.dense_layer_1(hidden))
        return self.dense_layer_2(hidden)
