from torch.nn import (
    AdaptiveAvgPool2d,
    Conv2d,
    Flatten,
    Hardswish,
    Linear,
    MaxPool2d,
    Module,
    Sequential,
)


class Net(Module):
    def __init__(self):
        super().__init__()
        self.everything = Sequential(
            Sequential(
                Sequential(Conv2d(3, 12, 3, padding=1), Hardswish()),
                MaxPool2d(2),
            ),
            Sequential(
                Sequential(Conv2d(12, 24, 3, padding=1), Hardswish()),
                Sequential(Conv2d(24, 24, 1), Hardswish()),
                MaxPool2d(2),
            ),
            Sequential(
                AdaptiveAvgPool2d(2),
                Flatten(),
                Sequential(Linear(96, 32), Hardswish(), Linear(32, 10)),
            ),
        )

    def forward(self, x):
        return self.everything(x)
