import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    """Guess, feed the guess back as context, guess again."""

    def __init__(self):
        super().__init__()
        self.see = nn.Linear(64, 36)
        self.recall = nn.Linear(10, 36, bias=False)
        self.guess = nn.Linear(36, 10)
        nn.init.zeros_(self.recall.weight)

    def forward(self, x):
        seen = self.see(x.flatten(1))
        logits = self.guess(F.gelu(seen))
        for _ in range(3):
            belief = logits.softmax(dim=1)
            logits = logits + self.guess(F.gelu(seen + self.recall(belief)))
        return logits
