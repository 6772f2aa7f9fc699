import torch.nn as nn

SIZES = (64, 48, 36, 27, 20, 10)


class Net(nn.Module):

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential()
        self.body.add_module('flat', nn.Flatten())
        for k in range(len(SIZES) - 1):
            self.body.add_module('fc%d' % k, nn.Linear(SIZES[k], SIZES[k + 1]))
            if k < len(SIZES) - 2:
                self.body.add_module('ln%d' % k, nn.LayerNorm(SIZES[k + 1]))
                self.body.add_module('act%d' % k, nn.Hardswish())

    def forward(self, images):
        return self.body(images)
