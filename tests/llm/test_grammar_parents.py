"""Networks as language models write them, for 1x8x8 images and 10 classes."""

PARENTS = {
    "seed": """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, kernel_size=1)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x.flatten(1)
        return self.fc(x)
""",
    "nested": """\
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    # two stages
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)  # first stage
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(32 * 2 * 2, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 32 * 2 * 2)
        x = F.relu(self.fc1(x))
        x = F.dropout(x, 0.5, training=self.training)
        x = self.fc2(x)
        return x
""",
    "sequential": """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, kernel_size=3, padding=1),  # edges
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=2),
            nn.Conv2d(8, 16, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d((1, 1)),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x):
        return self.head(self.features(x))
""",
    "derived": """\
import torch.nn as nn


class Net(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(1, 12, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(432, 10),
        )
""",
    "members": """\
import torch
from torch.nn import Conv2d, Linear, Module, MaxPool2d


class Net(Module):
    def __init__(self, num_classes: int = 10):
        super().__init__()
        hidden = 24
        self.conv = Conv2d(1, hidden, 5, padding=2)
        self.pool = MaxPool2d(2)
        self.fc = Linear(hidden * 4 * 4, num_classes)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        x = self.pool(x)
        x = torch.flatten(x, 1)
        return self.fc(x)
""",
    "blocks": """\
import torch.nn as nn
import torch.nn.functional as F

WIDTH = 16


class Block(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Sequential()
        if stride != 1 or in_channels != out_channels:
            self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride=stride)

    def forward(self, x):
        return F.relu(self.bn1(self.conv1(x)) + self.shortcut(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, WIDTH, 3, padding=1)
        self.block1 = Block(WIDTH, WIDTH)
        self.block2 = Block(WIDTH, 32, stride=2)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.block1(x)
        x = self.block2(x)
        x = x.mean([2, 3])
        return self.fc(x)
""",
    "residual": """\
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 16, 3, padding=1)
        self.b = nn.Conv2d(16, 16, 3, padding=1)
        self.c = nn.Conv2d(32, 24, 1)
        self.fc = nn.Linear(24, 10)

    def forward(self, x):
        x = F.relu(self.a(x))
        y = self.b(x)
        x = x + y
        x = torch.cat([x, y], 1)
        x = F.max_pool2d(F.relu(self.c(x)), 2)
        x = F.adaptive_avg_pool2d(x, 1)
        x = x.view(x.size(0), -1)
        return self.fc(x)
""",
    "recurrent": """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 32, batch_first=True)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = x.squeeze(1)
        x, _ = self.rnn(x)
        x = x[:, -1, :]
        return self.fc(x)
""",
    "loops": """\
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        channels = 1
        for width in [8, 16]:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.GELU()]
            channels = width
        self.body = nn.Sequential(*layers)
        self.pool = nn.AvgPool2d(4)
        self.heads = nn.ModuleList([nn.Linear(64, 20) for _ in range(2)])
        self.out = nn.Linear(20, 10)

    def forward(self, x):
        x = self.pool(self.body(x)).flatten(1)
        total = 0
        for head in self.heads:
            total = total + head(x)
        return self.out(total)
""",
    "dense": """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(64, 48), nn.Linear(48, 10)

    def forward(self, x):
        batch = x.shape[0]
        x = x.reshape(batch, -1)
        return F.log_softmax(self.fc2(F.relu(self.fc1(x))), dim=1)
""",
    "lazy": """\
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.LazyConv2d(12, kernel_size=3, padding=1)
        self.norm = nn.LazyBatchNorm2d()
        self.squeeze = nn.Conv2d(12, 6, 1)
        self.hidden = nn.LazyLinear(out_features=32)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        x = F.max_pool2d(self.squeeze(x), 2)
        x = F.relu(self.hidden(x.flatten(1)))
        return self.fc(x)
""",
}
