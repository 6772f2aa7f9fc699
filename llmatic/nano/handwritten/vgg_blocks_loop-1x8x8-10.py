import torch
from torch import nn

def vgg_block(num_convs, cin, cout):
    layers = []
    for i in range(num_convs):
        layers.append(nn.Conv2d(cin if i == 0 else cout, cout, kernel_size=3, padding='same'))
        layers.append(nn.ReLU())
    layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = vgg_block(1, 1, 16)
        self.block2 = vgg_block(2, 16, 32)
        self.classifier = nn.Linear(128, 10)

    def forward(self, x):
        y = self.block1(x)
        y = self.block2(y)
        y = torch.flatten(y, start_dim=1)
        return self.classifier(y)
