import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_layer_1 = nn.Conv2d(in_channels=1, out_channels=8, kernel_size=3)
        self.conv_layer_2 = nn.Conv2d(in_channels=8, out_channels=16, kernel_size=3)
        self.conv_layer_3 = nn.Conv2d(in_channels=16, out_channels=24, kernel_size=3)
        self.activation_1 = nn.CELU()
        self.activation_2 = nn.CELU(alpha=0.5)
        self.activation_3 = nn.CELU(alpha=0.25)
        self.fc_layer_1 = nn.Linear(in_features=96, out_features=32)
        self.fc_layer_2 = nn.Linear(in_features=32, out_features=10)

    def forward(self, step_0):
        step_1 = self.conv_layer_1(step_0)
        step_2 = self.activation_1(step_1)
        step_3 = self.conv_layer_2(step_2)
        step_4 = self.activation_2(step_3)
        step_5 = self.conv_layer_3(step_4)
        step_6 = self.activation_3(step_5)
        step_7 = torch.flatten(step_6, 1)
        step_8 = self.fc_layer_1(step_7)
        step_9 = torch.tanh(step_8)
        step_10 = self.fc_layer_2(step_9)
        return step_10
