"""Small edits of any network: where they can be, that they work, and that they are minimal."""

import itertools
import random
import resource

import pytest
import torch

from llmatic import genome
from llmatic.config import compose
from llmatic.genome.edits import edits, merged
from llmatic.nano.amended import DEAREST, amended, carried_out, handwritten
from llmatic.nano.amending import proposals, seen
from llmatic.nano.amending.additions import KINDS, addition
from llmatic.nano.amending.changes import (
    factored,
    other_activations,
    other_kernels,
    other_widths,
    rewired,
    with_lazy_layers,
    without,
)
from llmatic.nano.cost import cost
from llmatic.nano.examples import fingerprint
from llmatic.nano.memory import bounded
from llmatic.nano.obedience import JUDGED, obeys
from llmatic.nano.walks import walked
from llmatic.prompts import Catalogue

GATED = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        width = 12
        self.conv = nn.Conv2d(1, width, kernel_size=3, padding=1)
        self.gate = nn.Sequential(nn.Linear(width, 6), nn.ReLU(), nn.Linear(6, width))
        self.fc = nn.Linear(width, 10)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        means = x.mean(dim=(2, 3))
        for _ in range(2):
            means = means * torch.sigmoid(self.gate(means))
        return self.fc(means)
"""
SHAPE = (1, 8, 8)


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue.of(compose([]).prompts)


@pytest.fixture(scope="module")
def others(catalogue):
    return list(itertools.islice(walked(catalogue, 5), 20))


@pytest.fixture(scope="module")
def some(catalogue, others):
    return list(itertools.islice(amended(catalogue, 3, others), 240))


@pytest.fixture(scope="module")
def gated():
    return seen(GATED, SHAPE)


def test_networks_written_by_hand_work_and_differ():
    found = handwritten()
    assert len(found) > 450
    for source, shape, classes in found:
        assert cost(source, shape, classes) is not None, source
    assert len({genome.parse(source).sha256 for source, _, _ in found}) == len(found)


def test_the_same_seed_gives_the_same_examples(catalogue, others, some):
    assert list(itertools.islice(amended(catalogue, 3, others), 30)) == some[:30]
    assert list(itertools.islice(amended(catalogue, 4, others), 30)) != some[:30]


def test_every_answer_works_and_is_what_was_asked_for(some):
    assert len(set(some)) == len(some)
    for each in some:
        shape, classes = each.input_shape, each.classes
        after = cost(each.child, shape, classes)
        before = cost(each.parents[0], shape, classes)
        assert genome.parse(each.child).sha256 != genome.parse(each.parents[0]).sha256
        assert after is not None
        if each.key in JUDGED:
            growth = (after.parameters / before.parameters, 1.0)
            assert obeys(each.key, each.parents[0], each.child, growth) is not False


def test_networks_that_may_grow_become_as_large_as_they_can_be():
    source = genome.seed_source((1, 8, 8), 10)
    before, sizes = cost(source, (1, 8, 8), 10), []
    for seed in range(20):
        rng = random.Random(seed)
        for _, after in carried_out(rng, "improve_larger", (source,), (1, 8, 8), 10, before):
            sizes.append(after.flops)
    assert max(sizes) <= DEAREST * 64
    assert sum(size > 100 * before.flops for size in sizes) > len(sizes) / 5
    assert sum(size < 30 * before.flops for size in sizes) > len(sizes) / 10


def test_a_network_for_which_there_is_no_memory_costs_nobody_anything():
    two = "nn.Sequential(nn.Linear(width, 90_000_000), nn.Linear(90_000_000, 10))"
    huge = GATED.replace("nn.Linear(width, 10)", two)
    assert cost(huge, SHAPE, 10) is None
    assert not seen(huge, SHAPE).works
    assert cost(GATED, SHAPE, 10) is not None


def test_memory_is_bounded_for_as_long_as_it_is_said():
    limit = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(RuntimeError, match="can't allocate memory"), bounded():
        torch.empty(4 * 2**30, dtype=torch.uint8)
    assert resource.getrlimit(resource.RLIMIT_AS) == limit
    torch.empty(4 * 2**30, dtype=torch.uint8)


def test_every_prompt_has_proposals_for_most_networks_by_hand(catalogue):
    some = handwritten()[::6]
    keys = [each.key for each in (*catalogue.mutations, catalogue.crossover)]
    found = dict.fromkeys(keys, 0)
    for number, (source, shape, classes) in enumerate(some):
        look = seen(source, shape)
        for key in keys if look else ():
            rng = random.Random(number)
            texts = itertools.islice(proposals(rng, key, look, GATED, shape, classes), 5)
            found[key] += any(isinstance(genome.parse(each), genome.Genome) for each in texts)
    assert min(found.values()) > len(some) / 2, found


def test_every_prompt_is_carried_out(catalogue, some):
    assert {each.key for each in some} >= {each.key for each in catalogue.mutations}
    assert {len(each.parents) for each in some if each.key == "crossover"} == {2}


def test_answers_are_edits_of_a_few_lines(some):
    texts = [edits(each.parents[0], each.child) for each in some]
    for each, text in zip(some, texts, strict=True):
        assert merged(text, each.parents) == each.child
    lengths = sorted(map(len, texts))
    assert lengths[len(lengths) // 2] < 400


def test_networks_that_are_left_out_do_not_occur(catalogue, others, some):
    left_out = {fingerprint(each.child) for each in some[:60]}
    found = itertools.islice(amended(catalogue, 3, others, left_out), 60)
    shown = {fingerprint(text) for each in found for text in (each.parents[0], each.child)}
    assert not shown & left_out


def test_a_network_is_seen_with_its_shapes(gated):
    found = [(each.way, each.text, each.shape, each.is_edge) for each in gated.places]
    assert found == [
        ("line", "x", (1, 8, 8), True),
        ("line", "x", (12, 8, 8), False),
        ("line", "means", (12,), False),
        ("return", "self.fc(means)", (10,), True),
        ("around", "self.conv(x)", (12, 8, 8), False),
        ("around", "torch.sigmoid(self.gate(means))", (12,), False),
        ("around", "self.gate(means)", (12,), False),
        ("part", "", (6,), False),
        ("part", "", (6,), False),
        ("part", "", (12,), False),
    ]
    assert (gated.nn, gated.functional) == ("nn", None)


def test_a_shape_that_changes_while_it_runs_is_no_place():
    source = GATED.replace("* torch.sigmoid(self.gate(means))", "[:, :-1].relu()")
    source = source.replace("nn.Linear(width, 10)", "nn.LazyLinear(10)")
    found = [each.text for each in seen(source, SHAPE).places]
    assert "means[:, :-1].relu()" not in found
    assert found.count("means") == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("class Net", "class N\N{LATIN SMALL LETTER E WITH ACUTE}t"),
        ("import torch\nfrom torch import nn", "from torch.nn import Module, Linear"),
        ("super().__init__()", "nn.Module.__init__(self)"),
        ("def forward(self, x)", "def forward(self, *x)"),
        ("class Net", "class Network"),
        ("for _ in range(2)", "while means.sum() > 9"),
    ],
)
def test_what_cannot_be_edited_is_not_seen(old, new):
    assert seen(GATED.replace(old, new), SHAPE) is None


@pytest.mark.parametrize("shape", [(3, 8, 8), (5, 12), (16,)])
@pytest.mark.parametrize("kind", KINDS)
def test_additions_keep_the_shape(kind, shape):
    names = {"nn": torch.nn, "F": torch.nn.functional, "self": torch.nn.Module()}
    images = torch.rand(2, *shape)
    for seed in range(12):
        made = addition(random.Random(seed), shape, kind, lambda _: True, "nn", "F", bold=False)
        use = made.use.replace("{m}", made.layer).replace("{x}", "images")
        assert eval(use, names | {"images": images}).shape == images.shape
    assert not addition(random.Random(0), (2, 3, 4, 5), kind, lambda _: True, "nn", "F", bold=False)


def test_a_layer_whose_size_cannot_be_known_is_not_written():
    rng = random.Random(0)
    for kind in ("linear", "recurrent"):
        assert not addition(rng, (40,), kind, lambda size: size != 40, "nn", None, bold=False)


def test_numbers_change_wherever_they_stand():
    found = list(other_widths(random.Random(0), GATED, frozenset({1, 8, 10}), wider=True))
    assert found
    for each in found:
        assert each.count("\n") == GATED.count("\n")
        assert "nn.Linear(width, 10)" in each
    sixes = [each.split("nn.Linear(width, ")[1].split(")")[0] for each in found]
    assert {*map(int, sixes)} - {6}
    for each, six in zip(found, sixes, strict=True):
        assert f"nn.Linear({six}, width)" in each


def test_activations_and_kernels_change():
    (other,) = other_activations(random.Random(0), GATED, ("gelu",))
    assert other == GATED.replace("nn.ReLU()", "nn.GELU()")
    (other,) = other_kernels(random.Random(0), seen(GATED, SHAPE))
    assert other in [
        GATED.replace("kernel_size=3, padding=1", f"kernel_size={size}, padding={size // 2}")
        for size in (5, 7)
    ]


def test_a_layer_becomes_two_with_fewer_or_more_channels_between(gated):
    before = cost(GATED, SHAPE, 10).parameters
    for smaller in (True, False):
        texts = list(factored(random.Random(0), gated, smaller=smaller))
        assert len(texts) == 4
        sizes = [cost(each, SHAPE, 10) for each in texts]
        assert None not in sizes
        assert any(
            size.parameters < before if smaller else size.parameters > before for size in sizes
        )
    assert "nn.Sequential(nn.Conv2d(1, " in "".join(texts)


def test_a_layer_gets_another_width_and_others_find_that_out(gated):
    texts = list(rewired(random.Random(0), gated, wider=True))
    works = [each for each in texts if cost(each, SHAPE, 10) is not None]
    assert works
    for each in works:
        before, after = (cost(one, SHAPE, 10) for one in (GATED, each))
        assert after.parameters > before.parameters
    assert GATED.replace("nn.Linear(width, 10)", "nn.LazyLinear(10)") in with_lazy_layers(
        GATED, "nn"
    )
    assert list(with_lazy_layers("class Net(", "nn")) == ["class Net("]


@pytest.mark.parametrize("kind", ["conv", "linear", "pool"])
def test_bold_additions_leave_the_rest_to_find_out_what_it_takes(kind):
    shape = (16,) if kind == "linear" else SHAPE
    made = addition(random.Random(0), shape, kind, lambda _: True, "nn", "F", bold=True)
    assert not made.keeps


def test_what_is_left_out_leaves_no_layer_that_nobody_uses(gated):
    texts = list(without(random.Random(0), gated))
    gone = [each for each in texts if "self.gate" not in each]
    assert gone
    assert all("self.conv" in each for each in gone)
    works = [each for each in texts if cost(each, SHAPE, 10) is not None]
    assert len(works) >= 3


def test_proposals_are_the_same_for_the_same_seed(gated):
    for key in ("add_layer", "add_residuals", "improve", "widen", "crossover"):
        first, second = (
            list(itertools.islice(proposals(random.Random(1), key, gated, GATED, SHAPE, 10), 5))
            for _ in range(2)
        )
        assert first == second
