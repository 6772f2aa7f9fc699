"""Archives of exported networks, and edits of them."""

import io
import json
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import indent

import torch

from llmatic import genome
from llmatic.evaluate.protocol import Format
from llmatic.evaluate.workshop import _exported
from llmatic.network import build
from llmatic.network.served import Served

ROOT = "archive/"
MODEL = "models/model.json"
WEIGHTS = "data/weights/model_weights_config.json"
CONSTANTS = "data/constants/model_constants_config.json"
DEVELOPMENT = Path(__file__).parent.parent / "benchmarks/networks/development"
SHAPE = (1, 8, 8)
SEED = genome.seed_source(SHAPE, 10)
LAYERS = {
    "recurrent": (
        "self.a = nn.GRU(8, 6, 2, batch_first=True, bidirectional=True)\n"
        "self.b = nn.LSTM(12, 6, batch_first=True)\nself.c = nn.GRUCell(6, 6)\n"
        "self.fc = nn.Linear(6, 10)",
        "x, _ = self.b(self.a(x[:, 0])[0])\nreturn self.fc(self.c(x[:, -1]))",
    ),
    "attention": (
        "self.a = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation='gelu')\n"
        "self.b = nn.MultiheadAttention(8, 2, batch_first=True)\n"
        "self.first = nn.Parameter(torch.zeros(1, 1, 8))\nself.fc = nn.Linear(8, 10)",
        "x = torch.cat([self.first.expand(x.size(0), -1, -1), x.squeeze(1)], 1)\n"
        "mask = torch.triu(torch.full((9, 9), float('-inf')), 1)\n"
        "x = self.a(x, src_mask=mask)\nx, _ = self.b(x, x, x)\n"
        "y = x.view(-1, 1, 9, 8)\ny = F.scaled_dot_product_attention(y, y, y)\n"
        "return self.fc(y[:, 0, 0])",
    ),
    "norms": (
        "self.a = nn.Sequential(nn.Conv2d(1, 8, 3, padding='same'), nn.BatchNorm2d(8), nn.GELU())\n"
        "self.b = nn.Sequential(nn.GroupNorm(2, 8), nn.LayerNorm(8), nn.InstanceNorm2d(8))\n"
        "self.c = nn.Sequential(nn.Dropout(0.5), nn.Dropout2d(0.5), nn.RMSNorm(8))\n"
        "self.fc = nn.Linear(8, 10)",
        "x = self.c(self.b(self.a(x)))\nreturn self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))",
    ),
    "lazy": (
        "self.a = nn.LazyConv2d(4, 3)\nself.b = nn.LazyBatchNorm2d()\nself.fc = nn.LazyLinear(10)",
        "x = F.max_pool2d(self.b(self.a(x)), 2)\n"
        "x = F.interpolate(x, scale_factor=2, mode='bilinear')\n"
        "x = F.interpolate(F.pad(x, (1, 1, 1, 1), mode='reflect'), size=(5, 5), mode='nearest')\n"
        "return self.fc(x.flatten(1))",
    ),
    "patches": (
        "self.w = nn.Parameter(torch.randn(4, 10))",
        "n, c, h, w = x.shape\n"
        "x = x.view(n, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 3, 5, 1).reshape(-1, 16, c)\n"
        "x = ((x @ x.transpose(1, 2)).softmax(-1) @ x).reshape(n, h // 4, w // 4, 16).mean(-1)\n"
        "return torch.einsum('bp,pk->bk', x.reshape(n, 4), self.w)",
    ),
    "buffers": (
        "c = nn.Conv2d(1, 1, 3, padding=1)\nself.shared = nn.ModuleList([c, c])\n"
        "self.parts = nn.ModuleDict({'3x3': c, 'a-b': nn.ReLU(inplace=True)})\n"
        "self.register_buffer('count', torch.zeros(1))\n"
        "self.register_buffer('order', torch.arange(64).flip(0), persistent=False)\n"
        "self.register_buffer('wide', torch.ones(1, 1).expand(8, 8))\n"
        "self.plain = torch.ones(64)\nself.none = nn.Parameter(torch.zeros(0, 3))\n"
        "self.fc = nn.Linear(64, 10)",
        "self.count += 1\n"
        "for each in self.shared:\n    x = self.parts['a-b'](each(x) * self.wide)\n"
        "y = x.flatten(1)[:, self.order].clone()\ny[:, ::2] = 0\n"
        "y = torch.div(y, 2, rounding_mode='floor') + torch.tensor(1.0) * self.plain\n"
        "scale = x.shape[0] / x.shape[0] * self.none.sum() + math.inf ** -1\n"
        "return self.fc(y.mul_(2)) + scale",
    ),
}


def network(layers: str, forward: str) -> str:
    """The source of a network with these statements."""
    head = "import math\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
    init, body = (indent(each, " " * 8) for each in (layers, forward))
    start = f"class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n{init}\n"
    return f"{head}\n\n{start}\n    def forward(self, x):\n{body}\n"


NETWORKS = {
    "seed": SEED,
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(DEVELOPMENT.glob("*.py"))},
    **{name: network(*parts) for name, parts in LAYERS.items()},
}


def exported(source: str) -> bytes:
    """A network as the workshop exports it."""
    served = Served(build(source, SHAPE).eval(), [0.5], [0.5], 16.0)
    with warnings.catch_warnings(action="ignore"):
        return _exported(served.eval(), torch.rand(2, *SHAPE), Format.PT2)


def members(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {each.removeprefix(ROOT): opened.read(each) for each in opened.namelist()}


def zipped(contents: Mapping[str, bytes], root: str = ROOT) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in contents.items():
            made.writestr(root + name, content)
    return buffer.getvalue()


def edited(archive: bytes, name: str, edit: Callable[[dict], object]) -> bytes:
    """The archive with one of its JSON files changed."""
    contents = members(archive)
    said = json.loads(contents[name])
    edit(said)
    return zipped({**contents, name: json.dumps(said).encode()})
