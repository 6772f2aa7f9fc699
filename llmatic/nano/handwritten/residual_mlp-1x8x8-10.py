from torch import nn, Tensor
from torch.nn import functional as F


class ResidualLinear(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.up = nn.Linear(dim, 2 * dim)
        self.down = nn.Linear(2 * dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.down(F.gelu(self.up(self.norm(x))))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(64, 48)
        self.blocks = nn.Sequential(*[ResidualLinear(48) for _ in range(3)])
        self.unembed = nn.Linear(48, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.embed(x.flatten(start_dim=1))
        return self.unembed(self.blocks(x))
