import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        # sizes
        num_classes = 5
        num_filters = [9, 18]

        # layers
        self.conv_layer_1 = nn.Conv2d(3, num_filters[0], kernel_size=3, groups=3)
        self.pool_layer_1 = nn.MaxPool2d(kernel_size=2, ceil_mode=True)
        self.conv_layer_2 = nn.Conv2d(num_filters[0], num_filters[1], kernel_size=3)
        self.pool_layer_2 = nn.FractionalMaxPool2d(kernel_size=2, output_size=3)
        self.dropout = nn.AlphaDropout(p=0.1)
        self.fc_layer = nn.LazyLinear(num_classes)

        # activation
        self.activation = nn.SELU()

    def forward(self, x):
        batch_size = x.size(0)
        out = self.activation(self.conv_layer_1(x))
        out = self.pool_layer_1(out)
        out = self.activation(self.conv_layer_2(out))
        out = self.pool_layer_2(out)
        out = out.reshape(batch_size, -1)
        out = self.dropout(out)
        out = self.fc_layer(out)
        return out
