import pytest

from llmatic.genome import seed_source
from llmatic.llm.stopping import is_complete

NET = seed_source((1, 8, 8), 10)
HELPER = "class Block(nn.Module):\n    def forward(self, x):\n        return x\n\n\n"
USING = NET.replace("self.conv = ", "self.block = Block()\n        self.conv = ")


@pytest.mark.parametrize(
    "text",
    [
        NET + '\n\n"""Add another layer."""\n',
        NET + "\n\nif __name__ == '__main__':\n",
        NET + "\n\nclass Other(nn.Module):\n",
        NET + "\n\ndef train(net):\n",
        NET + "net = Net()\n",
        HELPER + NET + "\nprint(Net())\n",
        f"Sure!\n\n```python\n{NET}```\n",
        f"```python\n{NET}```\nIt is",
        f"1. First:\n   ```python\n{NET}   ```\n",
        f"<think>\n```python\n{NET}```\n</think>\n```python\n{NET}```\n",
        USING + "\n\n" + HELPER + "\n\nx = 1\n",
        NET.replace("Net", "Model") + "\n\nThis network has\n",
    ],
)
def test_the_network_is_there(text):
    assert is_complete(text)
    assert not is_complete(NET[: len(NET) // 2])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import torch.nn as nn\n\nWIDTH = 3\n\n",
        NET,
        NET + "\n\n\n",
        NET + "\n\nif __name__ ==",
        NET + "# a comment\n    \n",
        HELPER,
        HELPER + "WIDTH = 64\n",
        HELPER + "@torch.compile\ndef f(x):\n    return x\n",
        USING + "\n\nclass Block(nn.Module):\n",
        f"```python\n{NET}",
        "```python\nimport torch\n```\nand then\n",
        f"<think>\n```python\n{NET}```\n",
        "class Net(\n    nn.Module,\n):\n    pass\n",
    ],
)
def test_more_may_come(text):
    assert not is_complete(text)


def test_what_was_complete_stays_complete():
    text = HELPER + NET + "\nprint(Net())\nprint(Net())\n"
    ends = [end for end in range(len(text)) if is_complete(text[:end])]
    assert ends == list(range(ends[0], len(text)))
    assert text[: ends[0]].endswith("print(Net())\n")
