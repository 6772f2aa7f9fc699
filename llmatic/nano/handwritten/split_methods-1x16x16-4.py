import torch
from torch import nn, Tensor


class Net(nn.Module):
    """Patch encoder, a soft vote between patches, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(1, 20, kernel_size=4, stride=4)
        self.refine = nn.Linear(20, 20)
        self.confidence = nn.Linear(20, 1)
        self.out = nn.Linear(20, 4)

    def _encode(self, x: Tensor) -> Tensor:
        tokens = self.patch(x).flatten(2).transpose(1, 2)
        return tokens + torch.tanh(self.refine(tokens))

    def _vote(self, tokens: Tensor) -> Tensor:
        w = self.confidence(tokens).softmax(dim=1)
        return (w * tokens).sum(dim=1)

    def _head(self, v: Tensor) -> Tensor:
        return self.out(v.relu())

    def forward(self, x: Tensor) -> Tensor:
        return self._head(self._vote(self._encode(x)))
