import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.paths = nn.ModuleList(
            [ nn.Conv2d(1, 9, (1, 8))
            , nn.Conv2d(1, 9, (8, 1))
            , nn.Conv2d(1, 9, (2, 4), stride=(2, 4))
            , nn.Conv2d(1, 9, (4, 2), stride=(4, 2))
            ]
        )
        self.join = nn.Linear(9 * 32, 44)
        self.fin = nn.Linear(44, 10)

    def forward(self, x):
        seen = torch.cat( [ p(x).flatten(1)
                          for p in self.paths
                          ]
                        , dim=1
                        )
        return self.fin( self.join( seen.relu() ).relu() )
