import torch
import torch.nn as nn

MODE = 'bilinear'
SHAPES = {'small': 7, 'medium': 14}


class Net(nn.Module):
    '''Looks at two reduced copies of the picture.'''

    def __init__(self):
        super().__init__()
        self.eyes = nn.ModuleDict({
            'small': nn.Conv2d(1, 16, 3, padding=1),
            'medium': nn.Conv2d(1, 16, 5, padding=2),
        })
        self.head = nn.Linear(16 * 2 * 4, 10)

    def forward(self, x):
        seen = []
        for name, size in SHAPES.items():
            y = nn.functional.interpolate(x, size=(size, size), mode=MODE)
            y = torch.relu(self.eyes[name](y))
            seen.append(nn.functional.adaptive_avg_pool2d(y, 2).flatten(1))
        return self.head(torch.cat(seen, dim=1))
