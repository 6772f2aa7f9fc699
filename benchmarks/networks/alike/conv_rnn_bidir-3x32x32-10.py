import torch, torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backboneConv1 = nn.Conv2d(3, 16, 4, 4)
        self.backboneConv2 = nn.Conv2d(16, 24, 3, 1, 1)
        self.rowRnn = nn.RNN(24, 16, bidirectional=True, batch_first=True)
        self.colRnn = nn.RNN(32, 24, bidirectional=True, batch_first=True)
        self.headLinear = nn.Linear(48, 10)

    def forward(self, imageBatch):
        featMap = torch.relu(self.backboneConv1(imageBatch))
        featMap = torch.relu(self.backboneConv2(featMap))

        # the row reader sees each of the eight rows on its own
        rowSeqs = featMap.permute(0, 2, 3, 1).reshape(-1, 8, 24)
        rowStates, _ = self.rowRnn(rowSeqs)
        rowCodes = rowStates.mean(dim=1).view(-1, 8, 32)

        # the column reader then goes over the row codes
        colStates, _ = self.colRnn(rowCodes)
        return self.headLinear(colStates.amax(dim=1))
