"""A network as one Python file that needs PyTorch and safetensors alone.

Pure: source and bytes in, text out.
"""

from __future__ import annotations

import base64
import textwrap

from llmatic.evaluate.protocol import Preprocessing

__all__ = ["standalone"]

WIDTH = 100
FILE = '''\
# {title}
#
# load() gives the trained network: raw images in, probabilities of classes out.
# Images have the shape (n, {channels}, {height}, {width}) and pixels from 0 to {scale:g}.

{source}

def load():
    """The trained network with its preprocessing, ready to predict."""
    import base64

    import torch
    from safetensors.torch import load as unpack

    class Classifier(torch.nn.Module):
        classes = {names!r}

        def __init__(self):
            super().__init__()
            self.network = Net()
            self.register_buffer("mean", torch.tensor({mean}).view(1, -1, 1, 1))
            self.register_buffer("deviation", torch.tensor({deviation}).view(1, -1, 1, 1))

        def forward(self, images):
            scores = self.network((images / {scale!r} - self.mean) / self.deviation)
            return scores.softmax(1)

    classifier = Classifier().eval()
    with torch.no_grad():
        classifier(torch.zeros(2, {channels}, {height}, {width}))  # sizes of lazy layers
    classifier.network.load_state_dict(unpack(base64.b64decode(WEIGHTS)))
    return classifier


# safetensors, as base64
WEIGHTS = """
{weights}
"""
'''


def standalone(
    title: str,
    source: str,
    weights: bytes,
    preprocessing: Preprocessing,
    input_shape: tuple[int, int, int],
) -> str:
    """The file's text.

    Args:
        title: One line that says which network it is.
        source: Of the network.
        weights: As safetensors.
        preprocessing: What was done to the images that it was trained on.
        input_shape: Channels, height and width.
    """
    channels, height, width = input_shape
    return FILE.format(
        title=title,
        channels=channels,
        height=height,
        width=width,
        source=source.rstrip() + "\n",
        names=list(preprocessing.names),
        mean=list(preprocessing.mean),
        deviation=list(preprocessing.deviation),
        scale=preprocessing.scale,
        weights="\n".join(textwrap.wrap(base64.b64encode(weights).decode(), WIDTH)),
    )
