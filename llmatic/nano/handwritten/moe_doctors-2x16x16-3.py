import torch
import torch.nn as nn


class Doctor(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        self.examine = nn.Conv2d(2, 10, kernel, stride=2)
        self.opinion = nn.Linear(10, 3)

    def forward(self, patient):
        signs = torch.relu(self.examine(patient))
        return self.opinion(signs.amax(dim=(2, 3)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.surgeon = Doctor(3)
        self.psychiatrist = Doctor(5)
        self.dentist = Doctor(7)
        self.reception = nn.Linear(2 * 16, 3)

    def forward(self, patient):
        complaint = patient.mean(dim=3).flatten(1)
        referral = self.reception(complaint).softmax(dim=1)
        opinions = torch.stack([self.surgeon(patient), self.psychiatrist(patient), self.dentist(patient)], dim=1)
        return torch.einsum("nd,ndk->nk", referral, opinions)
