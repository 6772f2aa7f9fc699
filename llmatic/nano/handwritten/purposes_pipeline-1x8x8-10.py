import torch.nn as nn
import torch.nn.functional as F

HIDDEN = 24
CLASSES = 10


class Net(nn.Module):
    """Names say what each part is for."""

    def __init__(self):
        super().__init__()
        self.find_strokes = nn.Conv2d(1, HIDDEN, kernel_size=3, padding=1)
        self.shrink_picture = nn.MaxPool2d(kernel_size=2)
        self.find_shapes = nn.Conv2d(HIDDEN, HIDDEN, kernel_size=3, padding=1)
        self.calm_down = nn.Dropout(p=0.1)
        self.decide = nn.Linear(HIDDEN * 4 * 4, CLASSES)

    def forward(self, picture):
        strokes = F.relu(self.find_strokes(picture))
        smaller = self.shrink_picture(strokes)
        shapes = F.relu(self.find_shapes(smaller))
        evidence = shapes.flatten(start_dim=1)
        careful = self.calm_down(evidence)
        verdict = self.decide(careful)
        return verdict
