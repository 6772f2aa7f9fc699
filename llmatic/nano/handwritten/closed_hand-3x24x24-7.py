import torch.nn as nn


class Finger(nn.Module):
    def __init__(self, bones):
        super().__init__()
        self.joints = nn.Sequential(*(
            nn.Sequential(nn.Conv2d(6, 6, 3, padding=1), nn.ReLU6())
            for _ in range(bones)
        ))

    def forward(self, pulse):
        return pulse + self.joints(pulse)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.wrist = nn.Conv2d(3, 6, 4, stride=2, padding=1)
        self.thumb = Finger(bones=2)
        self.index = Finger(bones=3)
        self.pinky = Finger(bones=3)
        self.palm = nn.MaxPool2d(3)
        self.grip = nn.Linear(6 * 16, 7)

    def forward(self, pulse):
        pulse = self.wrist(pulse)
        pulse = self.thumb(pulse) + self.index(pulse) + self.pinky(pulse)
        return self.grip(self.palm(pulse).flatten(1))
