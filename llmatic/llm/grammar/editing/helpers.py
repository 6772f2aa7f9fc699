"""Helper classes that a written network may bring along.

They keep the rank of what they are given, so that they can stand wherever a layer
can.
"""

from __future__ import annotations

__all__ = ["HELPERS"]

HELPERS = {
    "Residual": """\
class Residual(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.body = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.body(x)""",
    "Pixels": """\
class Pixels(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        tokens, _ = self.rnn(x.flatten(2).transpose(1, 2))
        return tokens.transpose(1, 2).contiguous().unflatten(2, x.shape[2:])""",
    "Rows": """\
class Rows(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        rows, _ = self.rnn(x.transpose(1, 2).flatten(2))
        return rows.flatten(1)""",
    "Steps": """\
class Steps(nn.Module):
    def __init__(self, steps, rnn):
        super().__init__()
        self.steps = steps
        self.rnn = rnn

    def forward(self, x):
        parts, _ = self.rnn(x.unflatten(1, (self.steps, -1)))
        return parts.flatten(1)""",
    "Tokens": """\
class Tokens(nn.Module):
    def __init__(self, rnn):
        super().__init__()
        self.rnn = rnn

    def forward(self, x):
        return self.rnn(x)[0]""",
}
