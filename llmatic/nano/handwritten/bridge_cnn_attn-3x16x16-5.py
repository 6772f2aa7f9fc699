import torch
import torch.nn as nn
import torch.nn.functional as F

E = 24


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch_emb = nn.Conv2d(3, E, 4, 4)
        self.qkv_lin = nn.Linear(E, 3 * E)
        self.att_out_lin = nn.Linear(E, E)
        self.loc_conv = nn.Conv2d(E, E, 3, padding=1, groups=E)
        self.n1_ln = nn.LayerNorm(E)
        self.n2_ln = nn.LayerNorm(E)
        self.cls_lin = nn.Linear(E, 5)

    def forward(self, x_img):
        m_map = self.patch_emb(x_img)
        t_tok = m_map.flatten(2).transpose(1, 2)
        q, k, v = self.qkv_lin(self.n1_ln(t_tok)).chunk(3, dim=-1)
        a_tok = F.scaled_dot_product_attention(q, k, v)
        l_tok = self.loc_conv(m_map).flatten(2).transpose(1, 2)
        t_tok = t_tok + self.att_out_lin(a_tok) + l_tok
        return self.cls_lin(self.n2_ln(t_tok).mean(1))
