import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(input_size=8, hidden_size=24, bidirectional=True, batch_first=True)
        self.fc1 = nn.Linear(48, 32)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        seq = x.view(x.size(0), 8, 8)
        _, (h_n, c_n) = self.lstm(seq)
        h = torch.cat((h_n[0], h_n[1]), dim=1)
        h = self.relu(self.fc1(h))
        return self.fc2(h)
