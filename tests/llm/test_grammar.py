import ast
import random
import re
import statistics
import time
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from llm.conformance import LLMConformance
from llm.test_grammar_parents import PARENTS

from llmatic.config import compose
from llmatic.genome import Genome, parse, seed_source
from llmatic.llm import Request
from llmatic.llm.grammar import GrammarWriter
from llmatic.llm.grammar.reading.repair import repaired
from llmatic.prompts import Catalogue
from llmatic.records import SEED_ID

SHAPE = (1, 8, 8)
MAX_FLOPS_PER_PIXEL = 5_000_000 / 64
KEYS = [prompt.key for prompt in Catalogue.of(compose().prompts).mutations]
LAYERS = {
    "add_linear": r"Linear\(",
    "add_convolution": r"Conv2d\(",
    "add_pooling": r"Pool\dd\(",
    "add_dropout": r"Dropout(2d)?\(",
    "add_normalization": r"Norm(1d|2d)?\(",
    "add_recurrent": r"(GRU|LSTM)\(",
}


def writer(shape=SHAPE):
    return GrammarWriter(MAX_FLOPS_PER_PIXEL * shape[1] * shape[2])


class TestProtocol(LLMConformance):
    @pytest.fixture
    def llm(self):
        return writer()


def write(parents, key, temperature=0.5, seed=0, shape=SHAPE, classes=10):
    request = Request(SEED_ID, tuple(parents), key, "", temperature, seed, shape, classes)
    ((_, completion),) = next(writer(shape).write([request]))
    return completion.text


def fault(text, shape=SHAPE, classes=10):
    names = {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(text, "<network>", "exec"), names)
            net = names["Net"]().train()
            scores = net(torch.randn(2, *shape))
            scores.sum().backward()
    except Exception as error:  # whatever it raises is what is counted
        return f"{type(error).__name__}: {error}"
    return None if scores.shape == (2, classes) else f"scores of shape {tuple(scores.shape)}"


def understood(text, shape=SHAPE):
    network = repaired(text, shape, 10)
    assert network is not None
    return network


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", PARENTS)
def test_parents_are_understood_as_they_are(name):
    text = PARENTS[name]
    assert fault(text) is None
    network = understood(text)
    assert network.text == text
    names = {}
    exec(text, names)
    net = names["Net"]()
    net(torch.zeros(2, *SHAPE))
    weights = [each.numel() for each in net.parameters() if each.dim() > 1]
    assert network.parameters >= sum(weights)


@pytest.mark.parametrize("name", PARENTS)
@pytest.mark.parametrize("key", KEYS)
def test_a_prompt_does_what_it_says(name, key):
    parent = PARENTS[name]
    before = understood(parent)
    for seed, temperature in enumerate((0.1, 0.6, 1.0)):
        text = write([parent], key, temperature, seed)
        assert fault(text) is None, text
        assert isinstance(parse(text), Genome)
        assert text != parent
        after = understood(text)
        adds = [sum(each.name == "add" for each in net.trace.operations) for net in (before, after)]
        if key in LAYERS:
            assert len(re.findall(LAYERS[key], text)) > len(re.findall(LAYERS[key], parent)), text
        elif key in ("add_layer", "deepen"):
            assert after.depth > before.depth
        elif key == "delete_layer" and name not in ("seed", "loops"):
            assert after.depth < before.depth + (name == "blocks")
        elif key == "add_residual":
            assert adds[1] > adds[0]
        elif key == "add_residuals":
            assert adds[1] > adds[0] + 1
        elif key == "widen":
            assert after.parameters > before.parameters
        elif key == "improve_smaller":
            assert after.parameters < before.parameters or after.macs < before.macs
        elif key == "improve_larger":
            assert after.parameters > before.parameters or after.macs > before.macs


def test_the_same_request_gives_the_same_text():
    requests = [
        Request(SEED_ID, (PARENTS["nested"], PARENTS["blocks"]), key, "", 0.8, seed, SHAPE, 10)
        for key in [*KEYS, "crossover", "create"]
        for seed in range(3)
    ]
    first, second = (
        [said.text for written in writer().write(order) for _, said in written]
        for order in (requests, requests[::-1])
    )
    assert first == second[::-1]
    assert len(set(first)) > 0.9 * len(first)


def test_completion():
    request = Request(SEED_ID, (PARENTS["seed"],), "widen", "", 0.5, 1, SHAPE, 10)
    completions = [said for written in writer().write([request, request]) for _, said in written]
    assert [each.model for each in completions] == ["grammar"] * 2
    assert [(each.tokens_in, each.tokens_out) for each in completions] == [(0, 0)] * 2
    assert completions[0].finish_reason == "stop"
    assert completions[0].seconds > 0
    assert list(writer().write([])) == []


@pytest.mark.parametrize("key", [key for key in KEYS if key.startswith(("add", "widen"))])
def test_what_is_left_alone_stays_as_it_was(key):
    strange = PARENTS["nested"].replace(
        "        x = self.fc2(x)\n", "        x  =  self.fc2( x )   # Punkte für jede Klasse\n\n"
    )
    for seed in range(5):
        text = write([strange], key, 0.2, seed)
        assert "    # two stages\n" in text
        assert "  # first stage\n" in text
        assert re.search(r"x  =  .*fc2\( x \).*  # Punkte für jede Klasse\n\n", text)


def test_windows_line_ends_survive():
    parent = PARENTS["nested"].replace("\n", "\r\n")
    assert fault(write([parent], "add_dropout")) is None


def test_crossover_takes_layers_of_both():
    for one, other in [
        ("nested", "blocks"),
        ("sequential", "residual"),
        ("members", "nested"),
        ("derived", "nested"),
        ("dense", "recurrent"),
        ("loops", "sequential"),
    ]:
        taken = 0
        for seed in range(10):
            text = write([PARENTS[one], PARENTS[other]], "crossover", 0.5, seed)
            assert fault(text) is None, text
            assert text not in (PARENTS[one], PARENTS[other])
            taken += all(calls(text) & calls(PARENTS[name]) for name in (one, other))
        assert taken >= 8, (one, other)


def calls(text):
    found = re.findall(r"(?:nn\.)?((?:Conv2d|Linear|LSTM|MaxPool2d|BatchNorm2d|Block)\(\w+)", text)
    return {each for each in found if not each.endswith(("in_channels", "out_channels"))}


def test_create_needs_no_parent():
    texts = {write([], "create", seed / 40, seed, (3, 32, 32), 7) for seed in range(40)}
    assert len(texts) > 35
    assert [fault(text, (3, 32, 32), 7) for text in texts] == [None] * len(texts)


def test_nothing_makes_it_raise():
    rng = random.Random(0)
    for number in range(500):
        text = list(rng.choice(list(PARENTS.values())))
        for _ in range(rng.randint(1, 12)):
            position = rng.randrange(len(text))
            text[position : position + rng.randint(0, 5)] = rng.choice(
                ["", "(", "\n", "x", "9", " ", "é", "[", ":", "self", "\ud800", "\x00", "**9**9"]
            )
        key = rng.choice([*KEYS, "crossover", "create", "unheard of"])
        parents = ["".join(text), rng.choice(list(PARENTS.values()))]
        assert isinstance(write(parents, key, rng.random(), number), str)


@settings(max_examples=100, deadline=None)
@given(st.text(), st.sampled_from(KEYS))
def test_text_that_is_no_network_comes_back(text, key):
    if not re.search(r"\d|nn\.|F\.", text):
        assert write([text], key) == text


LOOP = "{}\n        for _ in range(900):\n            {}"
BOMBS = [
    f"import math\nimport torch\n\n\nclass Net:\n    def __init__(self):\n        {body}\n"
    for body in (
        LOOP.format("a = [1]", "a = [*a, *a]"),
        LOOP.format("a = (1,)", "a = (a, a)") + "\n        {a: 1}",
        LOOP.format("a, b = {}, {}", "a, b = {0: a, 1: a}, {0: b, 1: b}") + "\n        a == b",
        LOOP.format("a, b = [], []", "a, b = [a, a], [b, b]") + "\n        max(a, b)",
        LOOP.format("a = torch.zeros(1)", "a = a.unsqueeze(0)"),
        LOOP.format("a = torch.ones(2, 2)", "a = a.repeat(1, 10 ** 9)"),
        LOOP.format("pass", "for _ in range(999): a = [*range(999)]"),
        "max(range(10 ** 15))",
        "[].extend(range(10 ** 9))",
        "round(5, -(10 ** 9))",
        "'%999999999d' % 5",
        "sum([[0] * 1000] * 1000, [])",
        "math.factorial(10 ** 8)",
        "math.comb(10 ** 8, 10 ** 7)",
        "math.prod(range(10 ** 12))",
    )
]


@pytest.mark.parametrize(
    "hostile",
    [
        "class Net:\n    def forward(self, x):\n        return self.forward(x)",
        "class Net(Net):\n    pass",
        "A = 9 ** 9 ** 9\nclass Net:\n    def forward(self, x):\n        return x",
        "A = [0] * 10 ** 9\nclass Net:\n    def forward(self, x):\n        return x",
        "class Net:\n    def forward(self, x):\n        for _ in range(10 ** 9):\n            pass",
        "a = [1]\nfor _ in range(99):\n    a = a + a\nclass Net:\n    pass",
        "class Net:\n    def __init__(self):\n        a = [1]\n        for _ in range(99):\n"
        "            a.extend(a)\n",
        "class Net:\n    def __init__(self):\n        a, b = [], []\n        for _ in range(99):\n"
        "            a, b = [a, a], [b, b]\n        if a == b:\n            pass\n",
        "class Net:\n    def __init__(self):\n        a = 3\n        for _ in range(99):\n"
        "            a = a * a\n",
        "import torch\nclass Net:\n    def __init__(self):\n        a = []\n        a.append(a)\n"
        "        self.a = torch.tensor(a)\n",
        "class A(B):\n    pass\nclass B(A):\n    pass\nclass Net(A):\n    def forward(self, x):\n"
        "        return x\n",
        "x = " + "(" * 500 + ")" * 500,
        *BOMBS,
        "import torch.nn as nn\nclass Net:\n    def __init__(self):\n        s = nn.Identity()\n"
        "        for _ in range(40):\n            s = nn.Sequential(s, s)\n        self.s = s\n"
        "    def forward(self, x):\n        return self.s(x)",
        "class Net:\n    def forward(self, x):\n        return " + "-" * 3000 + "x",
    ],
)
def test_hostile_parents_are_survived(hostile):
    start = time.process_time()
    for key in ("widen", "add_layer", "delete_layer"):
        assert isinstance(write([hostile], key), str)
    assert time.process_time() - start < 5


def test_a_parent_that_is_not_understood_is_edited_by_pattern():
    parent = PARENTS["nested"].replace("x = self.fc2(x)", "x = mystery(self.fc2(x))")
    assert len({write([parent], "improve", 0.5, seed) for seed in range(8)} - {parent}) > 2


def test_wrong_sizes_of_a_parent_are_mended():
    parent = PARENTS["nested"].replace("32 * 2 * 2", "32 * 7 * 7").replace("(64, 10)", "(64, 3)")
    assert fault(parent) is not None
    assert fault(write([parent], "add_dropout")) is None


def test_temperature_makes_it_bolder():
    def size(temperature):
        changes = []
        for name in ("nested", "residual", "sequential"):
            parent = PARENTS[name]
            for seed in range(12):
                for key in ("widen", "deepen", "add_dropout"):
                    old = set(parent.splitlines())
                    new = set(write([parent], key, temperature, seed).splitlines())
                    changes.append(len(old ^ new))
        return statistics.mean(changes)

    cold, warm, hot = size(0.1), size(0.5), size(1.0)
    assert cold < warm < hot
    assert hot > 1.5 * cold


def test_a_mutation_is_cheap():
    parent = PARENTS["nested"]

    def median(action, times):
        taken = []
        for number in range(times):
            start = time.process_time()
            action(number)
            taken.append(time.process_time() - start)
        return statistics.median(taken)

    reading = median(lambda _: ast.parse(parent), 100)
    writing = median(lambda seed: write([parent], KEYS[seed % len(KEYS)], 0.5, seed), 160)
    assert writing < 60 * reading


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (1, 28, 28)], ids=str)
def test_long_lines_of_descent_stay_trainable(shape):
    rng = random.Random(7)
    population = [seed_source(shape, 10)]
    faults = []
    for number in range(120):
        key = rng.choice([*KEYS, "crossover", "crossover", "crossover", "create"])
        parents = rng.sample(population, min(2, len(population)))
        text = write(parents, key, rng.uniform(0.1, 1), number, shape)
        found = fault(text, shape)
        if found is not None:
            faults.append(found)
            continue
        network = understood(text, shape)
        assert network.macs <= MAX_FLOPS_PER_PIXEL * shape[1] * shape[2]
        population.append(text)
        if len(population) > 16:
            population.pop(rng.randrange(len(population)))
    assert len(faults) <= 0.03 * 120, faults


def test_the_seed_leads_to_strong_networks():
    rng = random.Random(3)
    network = seed_source(SHAPE, 10)
    costs, depths = set(), set()
    for number in range(96):
        text = write([network], rng.choice(KEYS), rng.uniform(0.1, 1), number)
        child = understood(text)
        costs.add(child.macs)
        depths.add(child.depth)
        if number % 12 == 0:
            network = text
    assert len(costs) > 48
    assert len(depths) > 8
