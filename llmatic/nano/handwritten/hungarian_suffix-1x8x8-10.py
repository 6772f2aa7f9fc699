import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        in_i, hid_i, out_i = 64, 48, 10
        self.up_lin = nn.Linear(in_i, hid_i)
        self.gate_lin = nn.Linear(in_i, hid_i)
        self.mid_ln = nn.LayerNorm(hid_i)
        self.scale_p = nn.Parameter(torch.ones(hid_i))
        self.out_lin = nn.Linear(hid_i, out_i)

    def forward(self, img_t):
        flat_t = img_t.reshape(-1, 64)
        up_t = self.up_lin(flat_t)
        gate_t = torch.sigmoid(self.gate_lin(flat_t))
        mix_t = up_t * gate_t * self.scale_p
        norm_t = self.mid_ln(mix_t)
        logit_t = self.out_lin(norm_t)
        return logit_t
