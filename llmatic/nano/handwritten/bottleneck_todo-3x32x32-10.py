import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # TODO: try 32 channels
        C = 16
        self.conv_in = nn.Conv2d(3, C, 3, stride=2, padding=1)
        # first block
        self.b1_squeeze = nn.Conv2d(C, C // 4, 1)
        self.b1_conv = nn.Conv2d(C // 4, C // 4, 3, padding=1)
        self.b1_expand = nn.Conv2d(C // 4, C, 1)
        # second block, same but with a larger view
        self.b2_squeeze = nn.Conv2d(C, C // 4, 1)
        self.b2_conv = nn.Conv2d(C // 4, C // 4, 7, padding=3)
        self.b2_expand = nn.Conv2d(C // 4, C, 1)
        self.fc = nn.Linear(C * 16, 10)

    def forward(self, x):
        x = F.relu(self.conv_in(x))
        r = F.relu(self.b1_conv(F.relu(self.b1_squeeze(x))))
        x = F.relu(x + self.b1_expand(r))
        x = F.max_pool2d(x, 2)
        r = F.relu(self.b2_conv(F.relu(self.b2_squeeze(x))))
        x = F.relu(x + self.b2_expand(r))
        x = F.max_pool2d(x, 2)  # 4 x 4
        return self.fc(x.flatten(1))
