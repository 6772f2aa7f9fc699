import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # every quarter of the picture has a reader of its own
        self.north_west = nn.Linear(196, 20)
        self.north_east = nn.Linear(196, 20)
        self.south_west = nn.Linear(196, 20)
        self.south_east = nn.Linear(196, 20)
        self.council = nn.Sequential(
            nn.LayerNorm(80), nn.ReLU(),
            nn.Linear(80, 40), nn.ReLU(),
            nn.Linear(40, 10),
        )

    def forward(self, land):
        north, south = land.squeeze(1).split(14, dim=1)
        nw, ne = north.split(14, dim=2)
        sw, se = south.split(14, dim=2)
        reports = torch.cat(
            [
                self.north_west(nw.flatten(1)),
                self.north_east(ne.flatten(1)),
                self.south_west(sw.flatten(1)),
                self.south_east(se.flatten(1)),
            ],
            dim=1,
        )
        return self.council(reports)
