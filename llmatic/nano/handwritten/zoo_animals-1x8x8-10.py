from torch import nn
import torch


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mouse = nn.Conv2d(1, 8, 2, stride=2)
        self.cat = nn.Conv2d(1, 8, 4, stride=2, padding=1)
        self.horse = nn.Conv2d(1, 8, 6, stride=2, padding=2)
        self.owl = nn.BatchNorm2d(24)
        self.snake = nn.Conv2d(24, 20, 1)
        self.elephant = nn.Linear(20 * 4 * 4, 40)
        self.lion = nn.Linear(40, 10)

    def forward(self, meadow):
        herd = torch.cat([self.mouse(meadow), self.cat(meadow), self.horse(meadow)], 1)
        herd = torch.relu(self.owl(herd))
        herd = torch.tanh(self.snake(herd))
        herd = self.elephant(herd.flatten(1)).relu()
        return self.lion(herd)
