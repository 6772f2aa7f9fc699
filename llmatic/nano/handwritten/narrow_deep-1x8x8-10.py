from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        depth, width = 7, 14
        stack = [nn.Conv2d(1, width, 3, padding=1)]
        for _ in range(depth):
            stack.append(nn.BatchNorm2d(width))
            stack.append(nn.ReLU())
            stack.append(nn.Conv2d(width, width, 3, padding=1))
        self.stack = nn.Sequential(*stack)
        self.out = nn.Linear(width * 16, 10)

    def forward(self, x):
        x = self.stack(x)
        x = nn.functional.max_pool2d(x, 2)
        return self.out(x.flatten(1))
