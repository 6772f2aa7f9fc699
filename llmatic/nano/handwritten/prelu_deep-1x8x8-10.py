import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        chans = (1, 8, 16, 16, 24)
        stages = []
        for i in range(4):
            stages.append(nn.Conv2d(chans[i], chans[i + 1], 3, padding=1))
            stages.append(nn.PReLU(chans[i + 1]))
            if i % 2 == 1:
                stages.append(nn.AvgPool2d(2))
        self.stages = nn.Sequential(*stages)
        self.readout = nn.Linear(24 * 2 * 2, 10)

    def forward(self, x):
        z = self.stages(x)
        return self.readout(z.flatten(1))
