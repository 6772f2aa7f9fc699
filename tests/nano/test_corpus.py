"""What the small code model learns from."""

import itertools

import pytest

from llmatic import genome
from llmatic.config import compose
from llmatic.nano import corpus
from llmatic.nano.obedience import Look, obeys
from llmatic.nano.styles import Style, dressed, entered
from llmatic.nasbench201 import cell
from llmatic.prompts import Catalogue


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.of(compose([]).prompts)


@pytest.fixture(scope="module")
def some(catalogue):
    return list(itertools.islice(corpus.examples(catalogue, 3), 240))


def test_the_same_seed_gives_the_same_examples(catalogue, some):
    assert list(itertools.islice(corpus.examples(catalogue, 3), 60)) == some[:60]
    assert list(itertools.islice(corpus.examples(catalogue, 4), 60)) != some[:60]


def test_no_example_occurs_twice_and_none_repeats_its_parent(some):
    assert len(set(some)) == len(some)
    assert all(each.child not in each.parents for each in some)


def test_every_child_is_a_network_that_works(some):
    for each in some:
        assert genome.parse(each.child).sha256
        assert corpus._runs(each.child, each.input_shape, each.classes)
        assert all(corpus._runs(one, each.input_shape, each.classes) for one in each.parents)


def test_networks_that_are_held_out_do_not_occur(catalogue, some):
    kept_back = {corpus.fingerprint(each.child) for each in some[:100]}
    other = itertools.islice(corpus.examples(catalogue, 3, kept_back), 60)
    shown = {corpus.fingerprint(text) for each in other for text in (*each.parents, each.child)}
    assert not shown & kept_back


def test_held_out_networks_are_always_the_same_and_of_their_shape(catalogue):
    found = corpus.held_out(catalogue, (1, 8, 8), 10, 2)
    assert found == corpus.held_out(catalogue, (1, 8, 8), 10, 2)
    assert len(set(found)) == 2
    assert all(corpus._runs(each, (1, 8, 8), 10) for each in found)


def test_cells_are_cells():
    catalogue = Catalogue.of(compose(["prompts=nasbench201"]).prompts)
    found = list(itertools.islice(corpus.cells(catalogue, 0), 60))
    assert len(set(found)) == 60
    for each in found:
        assert cell.parse(each.child).sha256
        assert each.child not in each.parents
    assert {len(each.parents) for each in found} == {1, 2}


def test_a_corpus_comes_back_from_its_file(catalogue, tmp_path):
    catalogues = {
        corpus.NETWORKS: catalogue,
        corpus.CELLS: Catalogue.of(compose(["prompts=nasbench201"]).prompts),
    }
    path = tmp_path / "corpus.jsonl.gz"
    corpus.write(path, catalogues, 0, 50, frozenset(), 2)
    found = corpus.load(path)
    assert len(set(found)) == len(found) == 50
    assert corpus.statistics(found)["prompts"] == {corpus.NETWORKS: 46, corpus.CELLS: 4}
    prompt, answer = corpus.texts(found[0], catalogues)
    assert prompt.startswith(found[0].parents[0].rstrip())
    assert answer == found[0].child


PLAIN = Style(
    ordered=False,
    unnested=False,
    positional=False,
    lazy=False,
    spelling="F",
    names=(),
    comment="",
)
NETWORK = """import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1024, 10)
        self.conv = nn.Conv2d(1, 16, kernel_size=3, padding=1)
        self.unused = nn.Dropout(0.5)
        self.bn = nn.BatchNorm2d(16)

    def forward(self, x):
        x = F.relu(self.bn(self.conv(x)))
        return self.fc(x.flatten(1))
"""


def test_a_style_says_in_which_order_and_words_a_network_is_written():
    text = dressed(
        NETWORK,
        Style(
            ordered=True,
            unnested=True,
            positional=True,
            lazy=True,
            spelling="nn.functional",
            names=(("conv", "c"), ("bn", "norm")),
            comment="# layers",
        ),
    )
    assert text == (
        """import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        # layers
        self.c = nn.Conv2d(1, 16, 3, padding=1)
        self.norm = nn.BatchNorm2d(16)
        self.fc = nn.LazyLinear(10)

    def forward(self, x):
        x = self.c(x)
        x = self.norm(x)
        x = nn.functional.relu(x)
        x = x.flatten(1)
        return self.fc(x)
"""
    )


def test_a_size_that_has_to_be_computed_is_left_to_pytorch_unless_it_can_be_copied():
    assert entered(NETWORK) == {1024}
    assert "nn.Linear(1024, 10)" in dressed(NETWORK, PLAIN, known={1024})
    assert "nn.LazyLinear(10)" in dressed(NETWORK, PLAIN, known={64})
    assert "nn.Linear(1024, 10)" in dressed(NETWORK, PLAIN)


def test_styles_change_nothing_that_is_computed(some):
    for each in some[:40]:
        before, after = (Look.at(text) for text in (each.child, dressed(each.child, PLAIN)))
        assert before.operations == after.operations
        assert before.sums == after.sums


CHANGES = [
    ("add_dropout", "F.relu(self.bn(", "F.dropout(self.bn(", True),
    ("add_normalization", "self.bn(self.conv(x))", "self.bn(self.bn(self.conv(x)))", True),
    ("add_convolution", "self.bn(", "F.relu(", False),
    ("delete_layer", "self.bn(self.conv(x))", "self.conv(x)", True),
    ("add_layer", "self.bn(self.conv(x))", "self.conv(x)", False),
    ("add_pooling", "self.fc(x.flatten(1))", "self.fc(F.max_pool2d(x, 1).flatten(1))", True),
    ("add_residual", "x = F.relu(self.bn(self.conv(x)))", "x = x + F.relu(self.conv(x))", True),
    ("add_residuals", "x = F.relu(self.bn(self.conv(x)))", "x = x + F.relu(self.conv(x))", False),
    ("widen", "Conv2d(1, 16", "Conv2d(1, 32", True),
    ("widen", "Conv2d(1, 16", "Conv2d(1, 8", False),
    ("change_activation_or_kernel", "F.relu", "F.gelu", True),
    ("change_activation_or_kernel", "Conv2d(1, 16", "Conv2d(1, 8", False),
    ("deepen", "self.bn(self.conv(x))", "self.bn(self.conv(self.conv(x)))", True),
    ("improve", "F.relu", "F.gelu", True),
    ("improve", "F.relu", "F.relu", False),
]


@pytest.mark.parametrize(("key", "old", "new", "wanted"), CHANGES)
def test_obedience_is_seen_in_the_source(key, old, new, wanted):
    child = NETWORK.replace(old, new)
    assert obeys(key, NETWORK, child, (1.0, 1.0)) is wanted


def test_obedience_is_seen_in_the_size():
    assert obeys("improve_smaller", NETWORK, NETWORK, (0.5, 1.2)) is True
    assert obeys("improve_smaller", NETWORK, NETWORK, (1.0, 1.2)) is False
    assert obeys("improve_larger", NETWORK, NETWORK, (0.5, 1.2)) is True
    assert obeys("improve_larger", NETWORK, NETWORK, (0.5, 1.0)) is False


def test_what_cannot_be_followed_is_not_judged():
    assert obeys("add_dropout", NETWORK, "class Net: pass", (1.0, 1.0)) is None
