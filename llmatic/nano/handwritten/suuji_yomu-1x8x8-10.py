import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.me = nn.Conv1d(8, 24, 3, padding=1)
        self.mimi = nn.Conv1d(24, 24, 3, padding=2, dilation=2)
        self.kokoro = nn.GRU(24, 24, batch_first=True)
        self.kuchi = nn.Linear(24, 10)

    def forward(self, moji):
        gyou = moji.squeeze(1)              # (N, 8, 8)
        mita = torch.relu(self.me(gyou))
        kiita = torch.relu(self.mimi(mita)) + mita
        omoi, _ = self.kokoro(kiita.transpose(1, 2))
        return self.kuchi(omoi[:, -1])
