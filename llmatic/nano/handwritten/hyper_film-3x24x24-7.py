import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.widths = (10, 14, 18)
        self.convs = nn.ModuleList()
        self.films = nn.ModuleList()
        last = 3
        for w in self.widths:
            self.convs.append(nn.Conv2d(last, w, 3, padding=1))
            self.films.append(nn.Linear(6, 2 * w))
            last = w
        self.fc = nn.Linear(last, 7)

    def summary(self, x):
        var, mean = torch.var_mean(x, dim=(2, 3))
        return torch.cat([mean, var], dim=1)

    def forward(self, x):
        context = self.summary(x)
        x = F.avg_pool2d(x, 2)
        for conv, film in zip(self.convs, self.films):
            gamma, beta = film(context)[:, :, None, None].chunk(2, dim=1)
            x = F.relu((1 + gamma) * conv(x) + beta)
            x = F.max_pool2d(x, 2)
        return self.fc(x.flatten(1))
