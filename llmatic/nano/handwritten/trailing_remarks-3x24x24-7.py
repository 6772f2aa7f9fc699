import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.squint = nn.AvgPool2d(2)  # 24 -> 12, keep it cheap
        self.look = nn.Conv2d(3, 16, 3, padding=1)  # what is here?
        self.compare = nn.Conv2d(16, 32, 3, padding=2, dilation=2)  # and around here?
        self.ignore = nn.Conv2d(16, 32, 1)  # sometimes the answer is "no"
        self.summarise = nn.AdaptiveMaxPool2d(3)  # 3 x 3 regions
        self.answer = nn.Linear(32 * 9, 7)  # seven labels

    def forward(self, x):
        x = self.squint(x)
        x = torch.relu(self.look(x))
        a, b = self.compare(x), self.ignore(x)  # same shape, both
        x = torch.tanh(a) * torch.sigmoid(b)  # wavenet style
        x = self.summarise(x).flatten(1)
        return self.answer(x)  # logits, no softmax
