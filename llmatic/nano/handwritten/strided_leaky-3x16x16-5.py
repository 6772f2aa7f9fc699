import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):

    def __init__(self) -> None:
        super().__init__()
        self.conv_layer_1 = nn.Conv2d(in_channels=3, out_channels=16, kernel_size=3, stride=2, padding=1)
        self.conv_layer_2 = nn.Conv2d(in_channels=16, out_channels=32, kernel_size=3, stride=2, padding=1)
        self.conv_layer_3 = nn.Conv2d(in_channels=32, out_channels=64, kernel_size=3, stride=2, padding=1)
        self.output_layer = nn.Linear(in_features=64 * 2 * 2, out_features=5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.leaky_relu(self.conv_layer_1(x), 0.1)
        x = F.leaky_relu(self.conv_layer_2(x), 0.1)
        x = F.leaky_relu(self.conv_layer_3(x), 0.1)
        x = torch.flatten(x, 1)
        logits = self.output_layer(x)
        return logits
