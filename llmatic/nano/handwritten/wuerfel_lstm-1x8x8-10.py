import torch
import torch.nn as nn

SPEICHER = 20


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.zeilenleser = nn.LSTM(8, SPEICHER, batch_first=True)
        self.spaltenleser = nn.LSTM(8, SPEICHER, batch_first=True)
        self.mischer = nn.Linear(4 * SPEICHER, 30)
        self.urteil = nn.Linear(30, 10)

    def forward(self, x):
        zeilen = x[:, 0]
        spalten = zeilen.transpose(1, 2)
        _, (hz, cz) = self.zeilenleser(zeilen)
        _, (hs, cs) = self.spaltenleser(spalten)
        # verdeckte Zustaende und Zellen beider Richtungen
        wissen = torch.cat([hz[-1], cz[-1], hs[-1], cs[-1]], dim=1)
        return self.urteil(torch.relu(self.mischer(wissen)))
