import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        input_size = 28 * 28
        hidden_size_1 = 256
        hidden_size_2 = 64
        num_classes = 10

        self.layer_1 = nn.Linear(input_size, hidden_size_1)
        self.activation_1 = nn.ReLU()
        self.dropout_1 = nn.Dropout(p=0.2)
        self.layer_2 = nn.Linear(hidden_size_1, hidden_size_2)
        self.activation_2 = nn.ReLU()
        self.dropout_2 = nn.Dropout(p=0.2)
        self.output_layer = nn.Linear(hidden_size_2, num_classes)

    def forward(self, images):
        # flatten the images first
        batch = images.shape[0]
        hidden = images.reshape(batch, -1)
        hidden = self.dropout_1(self.activation_1(self.layer_1(hidden)))
        hidden = self.dropout_2(self.activation_2(self.layer_2(hidden)))
        scores = self.output_layer(hidden)
        return scores
