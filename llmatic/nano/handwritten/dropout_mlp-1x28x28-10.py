import torch.nn as nn


class Net(nn.Module):

    def __init__(self):
        super().__init__()
        width = 100
        self.hidden_layer_1 = nn.Linear(28 * 28, width)
        self.hidden_layer_2 = nn.Linear(width, width)
        self.output_layer = nn.Linear(width, 10)
        self.activation = nn.ReLU()
        self.dropout = nn.Dropout(p=0.25)

    def forward(self, x):
        out = x.view(x.size(0), -1)
        out = self.dropout(self.activation(self.hidden_layer_1(out)))
        out = self.dropout(self.activation(self.hidden_layer_2(out)))
        out = self.output_layer(out)
        return out
