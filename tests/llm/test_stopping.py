import pytest
from genome.corpus import ANSWERS

from llmatic.genome import parse, seed_source
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
        f"```python\n{HELPER}```\nAnd then:\n```python\n{NET}```\n",
        f"This class gets more layers:\n```python\n{NET}```\n",
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
        f"```python\n{HELPER}```\n",
        "class gets more layers:\n```python\n",
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


def test_a_parent_that_is_repeated_is_not_the_answer():
    parent = f"Yours is\n\n```python\n{NET}```\n"
    assert is_complete(parent)
    assert not is_complete(parent, [NET])
    assert is_complete(parent + f"and mine\n```python\n{USING}```\n", [NET])


GO_ON = {
    "codegen_repeated_docstring",  # with a second network, after the first
    "codegen_prompt_echo",
    "chat_before_and_after",
    "chat_before_and_renamed_after",
    "chat_after_was_cut_off",
    "harmony_channels",  # with marks between thought and answer, which no decoded text has
    "chat_template_echo",
    "helpers_after_net",  # with what is needed, behind what is not
}
"""Answers of which the best is lost where writing stops at the first whole network."""


def test_stopping_loses_nothing_of_most_answers():
    stopped = set()
    for name, answer in ANSWERS.items():
        lines = answer.text[:20_000].split("\n")
        texts = ("\n".join(lines[:end]) + "\n" for end in range(1, len(lines)))
        first = next((text for text in texts if is_complete(text)), None)
        if first is not None:
            stopped.add(name)
            assert (parse(first) == parse(answer.text)) == (name not in GO_ON), name
    assert len(stopped) > 50
    assert stopped >= GO_ON
