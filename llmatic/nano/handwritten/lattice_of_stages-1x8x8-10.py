import torch.nn as nn


def stage(c_in: int, c_out: int, repeats: int) -> nn.Sequential:
    mods = [nn.Conv2d(c_in, c_out, 1)]
    for _ in range(repeats):
        mods += [
            nn.Conv2d(c_out, c_out, 3, padding=1, groups=c_out),
            nn.GroupNorm(2, c_out),
            nn.Hardswish(),
            nn.Conv2d(c_out, c_out, 1),
        ]
    return nn.Sequential(*mods)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.early = stage(1, 16, repeats=1)
        self.pool1 = nn.MaxPool2d(2)
        self.middle = stage(16, 32, repeats=2)
        self.pool2 = nn.MaxPool2d(2)
        self.late = stage(32, 48, repeats=1)
        self.logits = nn.Linear(48 * 4, 10)

    def forward(self, x):
        x = self.pool1(self.early(x))
        x = self.pool2(self.middle(x))
        x = self.late(x)
        return self.logits(x.flatten(1))
