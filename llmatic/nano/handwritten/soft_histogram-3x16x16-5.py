import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        bins = 12
        self.mix = nn.Conv2d(3, 6, kernel_size=3, padding=1)
        self.centers = nn.Parameter(torch.linspace(-2, 2, bins))
        self.log_width = nn.Parameter(torch.zeros(1))
        self.classify = nn.Sequential(
            nn.Linear(6 * bins, 48),
            nn.ReLU(inplace=True),
            nn.Linear(48, 5),
        )

    def forward(self, images):
        values = self.mix(images).flatten(2).unsqueeze(-1)
        logits = -(values - self.centers) ** 2 * self.log_width.exp() * 4
        hist = logits.softmax(dim=-1).mean(dim=2)
        return self.classify(hist.flatten(1))
