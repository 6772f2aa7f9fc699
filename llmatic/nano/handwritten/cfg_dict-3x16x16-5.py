import torch.nn as nn

CONFIG = {
    "channels": (3, 16, 32),
    "kernel": 3,
    "dropout": 0.1,
    "labels": 5,
}


def make_stage(n_in, n_out, kernel, dropout):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, kernel, padding=kernel // 2, bias=False),
        nn.GroupNorm(1, n_out),
        nn.GELU(),
        nn.Dropout2d(dropout),
        nn.AvgPool2d(2),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = CONFIG["channels"]
        self.stages = nn.Sequential()
        for number in range(len(sizes) - 1):
            self.stages.add_module(
                "stage" + str(number),
                make_stage(sizes[number], sizes[number + 1], CONFIG["kernel"], CONFIG["dropout"]),
            )
        self.head = nn.Linear(sizes[-1] * 16, CONFIG["labels"])

    def forward(self, x):
        return self.head(self.stages(x).flatten(1))
