import torch as t, torch.nn as n

class Net(n.Module):
    def __init__(self):
        super().__init__()
        self.A = n.Conv2d(1, 8, 3, padding=1)
        self.B = n.Conv2d(8, 8, 3, padding=1)
        self.P = n.Conv2d(8, 1, 1)
        self.R = n.GRU(8, 18, bidirectional=True, batch_first=True)
        self.Z = n.Linear(36 + 8, 10)

    def forward(self, X):
        X = self.A(X).relu()
        X = X + self.B(X).relu()
        M = self.P(X).squeeze(1)
        _, H = self.R(M)
        H = t.cat([H[0], H[1], X.mean((2, 3))], 1)
        return self.Z(H)
