"""What the small code model learns from."""

import dataclasses
import itertools
import random

import pytest

from llmatic import genome
from llmatic.config import compose
from llmatic.genome.edits import OPEN, edits, merged
from llmatic.nano import corpus, training
from llmatic.nano.beginnings import KINDS, beginning
from llmatic.nano.cells import cells
from llmatic.nano.cost import cost
from llmatic.nano.examples import (
    CELLS,
    NETWORKS,
    Example,
    can_be_known,
    crosses,
    fingerprint,
)
from llmatic.nano.obedience import Look, obeys
from llmatic.nano.styles import CodingStyle, dressed, remarked
from llmatic.nano.walks import walked
from llmatic.nasbench201 import cell
from llmatic.prompts import Catalogue

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.of(compose([]).prompts)


@pytest.fixture(scope="module")
def some(catalogue):
    return list(itertools.islice(walked(catalogue, 3), 240))


def test_the_same_seed_gives_the_same_examples(catalogue, some):
    assert list(itertools.islice(walked(catalogue, 3), 60)) == some[:60]
    assert list(itertools.islice(walked(catalogue, 4), 60)) != some[:60]


def test_no_example_occurs_twice_and_none_repeats_its_parent(some):
    assert len(set(some)) == len(some)
    assert all(each.child not in each.parents for each in some)


def test_every_child_is_a_network_that_works(some):
    for each in some:
        assert genome.parse(each.child).sha256
        assert cost(each.child, each.input_shape, each.classes) is not None
        assert all(cost(one, each.input_shape, each.classes) is not None for one in each.parents)


def test_networks_that_are_left_out_do_not_occur_in_any_style(catalogue, some):
    left_out = {fingerprint(each.child) for each in some[:100]}
    other = itertools.islice(walked(catalogue, 3, left_out), 120)
    shown = {fingerprint(text) for each in other for text in (*each.parents, each.child)}
    assert not shown & left_out


def test_a_network_has_one_fingerprint_in_all_styles(some):
    rng = random.Random(0)
    marks = [fingerprint(each.child) for each in some]
    assert len(set(marks)) > len(some) / 6
    for each, mark in zip(some[:60], marks, strict=False):
        style = CodingStyle.drawn(rng)
        other = dressed(each.child, style, style.names((each.child,), each.child))
        assert fingerprint(other) == mark


def test_networks_that_are_kept_back_work_and_differ():
    for shape, sources in corpus.kept_back().items():
        assert all(cost(each, shape, 10) is not None for each in sources)
        assert len({fingerprint(each) for each in sources}) == len(sources) == 8


def test_a_crossover_has_something_of_both():
    first = NETWORK.replace("nn.Dropout(0.5)", "nn.ReLU()")
    second = NETWORK.replace("nn.Dropout(0.5)", "nn.GELU()")
    both = first.replace("nn.BatchNorm2d(16)", "nn.Sequential(nn.BatchNorm2d(16), nn.GELU())")
    assert crosses([first, second], both)
    assert not crosses([first, second], first)
    assert not crosses([first, second], NETWORK)
    assert not crosses([first, first], both)


def test_cells_are_cells():
    catalogue = Catalogue.of(compose(["prompts=nasbench201"]).prompts)
    found = list(itertools.islice(cells(catalogue, 0), 60))
    assert len(set(found)) == 60
    for each in found:
        assert cell.parse(each.child).sha256
        assert each.child not in each.parents
    assert {len(each.parents) for each in found} == {1, 2}


def test_a_corpus_comes_back_from_its_file(catalogue, tmp_path):
    catalogues = {
        NETWORKS: catalogue,
        CELLS: Catalogue.of(compose(["prompts=nasbench201"]).prompts),
    }
    path = tmp_path / "corpus.jsonl.gz"
    corpus.write(path, catalogues, 0, 50, frozenset(), 2)
    found = corpus.load(path)
    assert len(set(found)) == len(found) == 50
    assert corpus.statistics(found)["prompts"] == {NETWORKS: 46, CELLS: 4}
    for each in found:
        prompt, answer = corpus.texts(each, catalogues)
        assert prompt.startswith(each.parents[0].rstrip())
        assert merged(answer, each.parents) == each.child


def test_what_is_validated_with_is_not_trained_on_in_another_style(some):
    half = len(some) // 2
    found = corpus._mixed(some[:half], some[half:])
    assert sorted(map(some.index, found)) == list(range(len(some)))
    assert [each for each in found if each in some[:half]] == some[:half]
    validated = training._tail(found)
    assert {some.index(each) < half for each in validated} == {True, False}
    told = [
        {(x.key, fingerprint(x.parents[0]), fingerprint(x.child)) for x in each}
        for each in (validated, [each for each in found if each not in validated])
    ]
    assert len(told[0]) > 3
    assert len(told[0] & told[1]) <= 2  # the step of each kind that the end begins with


def test_a_corpus_goes_on_where_it_was_interrupted(catalogue, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "PART", 20)
    catalogues = {
        NETWORKS: catalogue,
        CELLS: Catalogue.of(compose(["prompts=nasbench201"]).prompts),
    }
    whole, rest = tmp_path / "whole.gz", tmp_path / "rest.gz"
    corpus.write(whole, catalogues, 0, 40, frozenset(), 1)
    written = Example(NETWORKS, "widen", ("a",), "b", (1, 8, 8), 10)
    parts, *others = (
        corpus._folder(rest, catalogues, frozenset(left_out)) for left_out in ([], ["a"])
    )
    assert parts not in others
    parts.mkdir()
    corpus._write_lines(parts / "0.gz", [corpus._line(written)])
    (parts / "1.unfinished").write_text("half of a part")
    corpus.write(rest, catalogues, 0, 40, frozenset(), 1)
    assert corpus.load(rest) == [written, *corpus.load(whole)[20:]]
    assert not parts.exists()


def test_walks_begin_with_networks_of_every_kind_and_they_work():
    rng = random.Random(0)
    for shape in ((1, 8, 8), (3, 32, 32), (2, 16, 16)):
        found = [beginning(rng, shape, 7) for _ in range(4 * len(KINDS))]
        assert len(set(found)) > 0.9 * len(found)
        assert sum(cost(each, shape, 7) is not None for each in found) > 0.95 * len(found)


def test_a_number_that_would_have_to_be_computed_is_not_asked_for():
    parent = NETWORK.replace("1024", "64 * 16")
    shown = Example("paper", "widen", (parent,), parent, (1, 8, 8), 10)
    assert can_be_known(shown)
    wider = parent.replace("(1, 16,", "(1, 48,").replace("BatchNorm2d(16)", "BatchNorm2d(48)")
    assert can_be_known(dataclasses.replace(shown, child=wider))
    computed = wider.replace("64 * 16", "3072")
    assert not can_be_known(dataclasses.replace(shown, child=computed))


PLAIN = CodingStyle(
    ordered=False,
    unnested=False,
    positional=False,
    lazy="none",
    broken=False,
    from_torch=False,
    spelling="F",
    synonyms=(),
    words=(),
    renames_all=False,
    variable="x",
    comment="",
    docstring="",
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
    style = CodingStyle(
        ordered=True,
        unnested=True,
        positional=True,
        lazy="computed",
        broken=True,
        from_torch=True,
        spelling="nn.functional",
        synonyms=(("conv", "c"), ("bn", "norm")),
        words=(),
        renames_all=False,
        variable="out",
        comment="# layers",
        docstring="Classifies images.",
    )
    text = dressed(NETWORK, style, style.names((NETWORK,), NETWORK))
    assert text == (
        """from torch import nn


class Net(nn.Module):
    \"\"\"Classifies images.\"\"\"

    def __init__(self):
        super().__init__()
        # layers
        self.c = nn.Conv2d(1, 16, 3, padding=1)
        self.norm = nn.BatchNorm2d(16)
        self.fc = nn.LazyLinear(10)

    def forward(self, out):
        out = self.c(out)
        out = self.norm(out)
        out = nn.functional.relu(out)
        out = out.flatten(1)
        return self.fc(out)
"""
    )


def test_sequences_stand_in_one_line_or_in_many():
    sequence = NETWORK.replace(
        "self.bn = nn.BatchNorm2d(16)",
        "self.bn = nn.Sequential(nn.BatchNorm2d(16), nn.ReLU(), nn.Dropout(0.5))",
    )
    assert dressed(sequence, PLAIN, {}).count("nn.ReLU(), nn.Dropout(0.5))\n") == 1
    assert """        self.bn = nn.Sequential(
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Dropout(0.5),
        )
""" in dressed(sequence, dataclasses.replace(PLAIN, broken=True), {})


def test_layers_may_have_any_name_but_new_ones_have_one_that_can_be_foreseen():
    child = NETWORK.replace("self.unused = nn.Dropout(0.5)", "self.conv7 = nn.Conv2d(16, 16, 1)")
    style = dataclasses.replace(PLAIN, words=("one", "two", "three", "four"))
    assert style.names((NETWORK,), child) == {
        "fc": "one",
        "conv": "two",
        "unused": "three",
        "bn": "four",
        "conv7": "conv",
    }
    assert PLAIN.names((NETWORK,), child)["conv7"] == "conv2"
    assert style.names((), child)["conv7"] == "conv2"


def test_remarks_stand_at_the_same_lines_of_parent_and_child():
    child = NETWORK.replace("F.relu", "F.gelu")
    for seed in range(20):
        shown, written = remarked(NETWORK, child, random.Random(seed))
        assert shown.count("# ") == written.count("# ") > 0
        assert edits(shown, written).count(OPEN) == 1
        assert genome.parse(shown).sha256 == genome.parse(NETWORK).sha256
        assert genome.parse(written).sha256 == genome.parse(child).sha256


def test_no_two_layers_get_the_same_name(some):
    rng = random.Random(0)
    for each in some[:40]:
        names = CodingStyle.drawn(rng).names(each.parents, each.child)
        assert len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    ("lazy", "conv", "fc"),
    [
        ("none", "nn.Conv2d(1, 16, kernel_size=3, padding=1)", "nn.Linear(1024, 10)"),
        ("computed", "nn.Conv2d(1, 16, kernel_size=3, padding=1)", "nn.LazyLinear(10)"),
        ("all", "nn.LazyConv2d(16, kernel_size=3, padding=1)", "nn.LazyLinear(10)"),
    ],
)
def test_what_a_layer_takes_may_be_left_to_pytorch(lazy, conv, fc):
    text = dressed(NETWORK, dataclasses.replace(PLAIN, lazy=lazy), {})
    assert conv in text
    assert fc in text
    keyed = NETWORK.replace("Linear(1024, 10)", "Linear(in_features=16 * 64, out_features=10)")
    made = "nn.LazyLinear(out_features=10)"
    assert (made in dressed(keyed, dataclasses.replace(PLAIN, lazy=lazy), {})) == (lazy != "none")


def test_what_is_new_is_written_so_that_it_is_easily_right():
    child = NETWORK.replace("16", "24").replace(
        "self.bn(self.conv(x))", "self.bn(self.conv(x) + x)"
    )
    text = dressed(child, PLAIN, {}, parents=(NETWORK,))
    assert "self.conv = nn.LazyConv2d(24, kernel_size=3, padding=1)" in text
    assert "self.bn = nn.LazyBatchNorm2d()" in text
    assert "self.fc = nn.Linear(1024, 10)" in text, "what is shown is not written anew"
    deeper = NETWORK.replace("self.bn(self.conv(x))", "F.elu(self.bn(self.conv(x)))")
    assert """        x = self.conv(x)
        x = self.bn(x)
        x = F.elu(x)
        x = F.relu(x)
""" in dressed(deeper, PLAIN, {}, parents=(NETWORK,))
    other = NETWORK.replace("F.relu", "F.gelu")
    assert "x = F.gelu(self.bn(self.conv(x)))" in dressed(other, PLAIN, {}, parents=(NETWORK,))
    assert dressed(NETWORK, PLAIN, {}, parents=(NETWORK,)) == dressed(NETWORK, PLAIN, {})


def test_what_a_layer_takes_is_a_matter_of_style():
    lazy = dressed(NETWORK, dataclasses.replace(PLAIN, lazy="all"), {})
    assert fingerprint(lazy) == fingerprint(NETWORK)
    assert fingerprint(lazy.replace("16", "24")) != fingerprint(NETWORK)


def test_styles_change_nothing_that_is_computed(some):
    rng = random.Random(1)
    for each in some[:80]:
        style = CodingStyle.drawn(rng)
        other = dressed(each.child, style, style.names((each.child,), each.child))
        before, after = (Look.at(text) for text in (each.child, other))
        assert before.operations == after.operations
        assert before.sums == after.sums
        assert cost(other, each.input_shape, each.classes) is not None


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
    ("change_activation_or_kernel", "self.conv(x)", "F.gelu(self.conv(x))", False),
    ("change_activation_or_kernel", "nn.Linear(1024, 10)", "nn.LazyLinear(10)", False),
    ("add_normalization", "self.bn = nn.BatchNorm2d(16)", "self.bn = nn.LazyBatchNorm2d()", False),
    ("widen", "self.conv(x)", "self.conv(self.conv(x))", False),
    ("improve", "F.relu", "F.gelu", None),  # nobody can say
    ("crossover", "F.relu", "F.gelu", None),
]


@pytest.mark.parametrize(("key", "old", "new", "wanted"), CHANGES)
def test_obedience_is_seen_in_the_source(key, old, new, wanted):
    child = NETWORK.replace(old, new)
    assert obeys(key, NETWORK, child, (1.0, 1.0)) is wanted


def test_obedience_is_seen_in_the_size():
    assert obeys("improve_smaller", NETWORK, NETWORK, (0.5, 1.2)) is True
    assert obeys("improve_smaller", NETWORK, NETWORK, (10.0, 0.9)) is False
    assert obeys("improve_larger", NETWORK, NETWORK, (2.0, 0.9)) is True
    assert obeys("improve_larger", NETWORK, NETWORK, (0.5, 1.2)) is False


def test_what_cannot_be_followed_is_not_judged():
    assert obeys("add_dropout", NETWORK, "class Net: pass", (1.0, 1.0)) is None
