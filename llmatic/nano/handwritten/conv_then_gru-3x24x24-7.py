import torch.nn as nn
import torch.nn.functional as F

CH = 20
MEM = 32


class Net(nn.Module):
    # first a convolution, then a reader going left to right
    def __init__(self):
        super().__init__()
        self.cnn_front = nn.Conv2d(3, CH, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
        self.cnn_back = nn.Conv2d(CH, CH, kernel_size=(3, 3), stride=(2, 1), padding=(1, 1))
        self.rnn_reader = nn.GRU(CH * 6, MEM, bidirectional=True)
        self.cls = nn.Linear(2 * MEM, 7)

    def forward(self, img):
        maps = F.relu(self.cnn_front(img))
        maps = F.relu(self.cnn_back(maps))
        # (N, C, H, W) -> (W, N, C * H)
        seq = maps.permute(3, 0, 1, 2).flatten(2)
        out, _ = self.rnn_reader(seq)
        return self.cls(out.mean(0))
