import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    layer_sizes: tuple = ((8, 16), (16, 16), (16, 12))

    def __init__(self):
        super().__init__()
        self.value = nn.ModuleList(nn.Linear(i, o) for i, o in self.layer_sizes)
        self.gate = nn.ModuleList(nn.Linear(i, o) for i, o in self.layer_sizes)
        self.over = nn.ModuleList(nn.Conv1d(8, 8, 1) for _ in self.layer_sizes)
        self.fc = nn.Linear(8 * 12, 10)

    def forward(self, x):
        rows = x[:, 0]
        for i, (value, gate) in enumerate(zip(self.value, self.gate)):
            rows = value(rows) * F.silu(gate(rows))
            rows = rows + self.over[i](rows)
            if rows.shape[-1] == 12:
                break
        return self.fc(rows.flatten(1))
