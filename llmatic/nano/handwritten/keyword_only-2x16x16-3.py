import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.horizontal = nn.Conv2d(in_channels=2, out_channels=10, kernel_size=(1, 7), stride=(1, 2), padding=(0, 3))
        self.vertical = nn.Conv2d(in_channels=10, out_channels=10, kernel_size=(7, 1), stride=(2, 1), padding=(3, 0), groups=5)
        self.normalise = nn.GroupNorm(num_groups=2, num_channels=10, affine=True)
        self.classifier = nn.Linear(in_features=10 * 4 * 4, out_features=3)

    def forward(self, x):
        x = F.leaky_relu(input=self.horizontal(x), negative_slope=0.1)
        x = F.leaky_relu(input=self.vertical(x), negative_slope=0.1)
        x = F.avg_pool2d(input=self.normalise(x), kernel_size=2, stride=2)
        x = x.flatten(start_dim=1)
        return self.classifier(input=x)
