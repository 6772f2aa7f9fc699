from torch import nn


def low_rank(n_in, n_out, *, rank):
    """A linear map through a narrow waist."""
    return nn.Sequential(
        nn.Linear(n_in, rank, bias=False),
        nn.Linear(rank, n_out),
    )


class Net(nn.Module):
    ranks = [10, 8, 6]

    def __init__(self):
        super().__init__()
        r1, r2, r3 = self.ranks
        self.net = nn.Sequential(
            nn.Flatten(),
            low_rank(64, 96, rank=r1), nn.LeakyReLU(0.05),
            low_rank(96, 96, rank=r2), nn.LeakyReLU(0.05),
            low_rank(96, 10, rank=r3),
        )
        for p in self.net.parameters():
            if p.dim() == 2:
                nn.init.kaiming_uniform_(p, a=0.05)

    def forward(self, x):
        return self.net(x)
