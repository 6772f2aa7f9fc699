import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 12, 24, 36]
        self.stages, self.exits = nn.ModuleList(), nn.ModuleList()
        for a, b in zip(widths[:-1], widths[1:]):
            self.stages.append(nn.Conv2d(a, b, 3, padding=1))
            self.exits.append(nn.Linear(b, 10))

    def forward(self, x):
        logits = []
        for i, (stage, leave) in enumerate(zip(self.stages, self.exits)):
            x = F.relu(stage(x))
            logits.append(leave(x.mean((2, 3))))
            if i < 2:
                x = F.max_pool2d(x, 2)
        return sum(logits)
