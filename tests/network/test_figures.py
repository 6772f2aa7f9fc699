import pytest
import torch
from torch import nn

from llmatic.network import (
    Limits,
    NetworkError,
    build,
    check_on_meta,
    measure,
    measure_again,
    parameters,
    size,
)
from llmatic.records import Status

SHAPE = (1, 8, 8)
NETWORK = """
import torch
import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {init}

    def forward(self, x):
        {forward}
"""


def network(init, forward):
    return NETWORK.format(init=init, forward=forward)


def figures(init, forward):
    torch.manual_seed(0)
    return measure(build(network(init, forward), SHAPE), SHAPE, 10)


LINEAR = "self.fc = nn.Linear(64, 10)"
CALL = "return self.fc(x.flatten(1))"


def test_a_linear_layer():
    found = figures(LINEAR, CALL)
    assert (found.flops, found.params, found.width, found.depth) == (640, 650, 10, 1)
    assert (found.counted, found.counted_more) == (640, 640)


@pytest.mark.parametrize(
    ("layer", "weights", "depth"),
    [
        ("nn.RNN(8, 5, num_layers=2, batch_first=True)", 8 * 5 + 5 * 5 * 3, 2),
        ("nn.LSTM(8, 5, num_layers=3, batch_first=True)", 4 * (8 * 5 + 5 * 5 * 5), 3),
        ("nn.GRU(8, 5, bidirectional=True, batch_first=True)", 2 * 3 * (8 * 5 + 5 * 5), 1),
    ],
)
def test_recurrent_layers_are_counted_by_their_weights(layer, weights, depth):
    found = figures(f"self.r = {layer}", "return self.r(x[:, 0])[0].mean(1).repeat(1, 2)[:, :10]")
    if "bidirectional" not in layer:
        found = figures(
            f"self.r = {layer}; {LINEAR}",
            "return self.fc(x.flatten(1)) + 0 * self.r(x[:, 0])[0].sum()",
        )
        depth += 1
        weights += 640 / 8
    assert found.flops == 8 * weights
    assert found.depth == depth


def test_what_a_recurrent_layer_says_of_itself_counts_nothing():
    lying = (
        "class R(nn.RNN):\n    def forward(self, x): return x\n\n"
        "class Plain(nn.Identity):\n    num_layers = 10**6\n"
        "    @property\n    def __class__(self): return nn.RNN\n\nclass Net"
    )
    init = (
        f"{LINEAR}; self.r = R(1, 1); self.r.num_layers = 10**6; self.p = Plain(); "
        "[self.r.register_parameter(f'weight_ih_l{n}', nn.Parameter(torch.zeros(1, 1))) "
        "for n in range(9)]"
    )
    source = network(init, "return self.fc(self.p(self.r(x)).flatten(1))")
    found = measure(build(source.replace("class Net", lying), SHAPE), SHAPE, 10)
    assert found.depth == 2


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        (
            "self.a = nn.TransformerEncoderLayer(8, 2, 16); " + LINEAR,
            "return self.fc(self.a(x[:, 0]).flatten(1))",
        ),
        (
            "self.a = nn.MultiheadAttention(8, 2, batch_first=True); " + LINEAR,
            "x = x[:, 0].transpose(0, 1); "
            "return self.fc(self.a(x, x, x)[0].transpose(0, 1).flatten(1))",
        ),
        (LINEAR, "return self.fc(torch.mm(x.flatten(1), x.flatten(1).T) @ x.flatten(1))"),
        (
            LINEAR + "; self.big = nn.Linear(64, 64)",
            "return self.fc(self.big(x.flatten(1)) if len(x) == 1 else x.flatten(1))",
        ),
        (
            LINEAR + "; self.e = nn.Embedding(2, 99)",
            "self.e(torch.zeros(1).long()) if len(x) == 1 else 0; " + CALL,
        ),
        (LINEAR, "return torch.stack([self.fc(each.flatten()) for each in x])"),
    ],
)
def test_images_of_a_batch_are_to_be_treated_alike(init, forward):
    with pytest.raises(NetworkError, match=r"treated alike|depending on how many") as caught:
        figures(init, forward)
    assert caught.value.status is Status.WRONG_SHAPE


CONVOLUTION = "self.c = nn.Conv2d(1, 48, 3); self.fc = nn.Linear(48, 10); "
CONVOLVED = "h = self.c(x); return self.fc(h.amax((2, 3)))"


@pytest.mark.parametrize(
    ("init", "forward", "width", "depth", "flops"),
    [
        (CONVOLUTION, CONVOLVED, 48, 2, 36 * 48 * 9 + 480),
        (CONVOLUTION + "self.n = nn.LayerNorm([8, 99])", CONVOLVED, 48, 2, 36 * 48 * 9 + 480),
        (
            CONVOLUTION + "self.n = nn.LayerNorm([6, 6])",
            CONVOLVED.replace("self.c(x)", "self.n(self.c(x))"),
            48,
            2,
            36 * 48 * 9 + 480 + 36 * 48 * 5,  # as fvcore counts a normalisation
        ),
        (
            LINEAR + "; self.same = nn.Linear(64, 64)",
            "x = x.flatten(1); return self.fc(self.same(self.same(x)))",
            64,
            3,
            2 * 64 * 64 + 640,
        ),
    ],
)
def test_width_is_of_the_widest_layer_and_depth_of_those_that_are_executed(
    init, forward, width, depth, flops
):
    found = figures(init, forward)
    assert (found.width, found.depth, found.flops) == (width, depth, flops)


@pytest.mark.parametrize("need_weights", [True, False])
def test_attention_is_counted(need_weights):
    tokens, features = 8, 8
    found = figures(
        "self.a = nn.MultiheadAttention(8, 2, batch_first=True); " + LINEAR,
        f"x = x[:, 0]; return self.fc(self.a(x, x, x, need_weights={need_weights})[0].flatten(1))",
    )
    projections = 4 * tokens * features**2
    products = 2 * tokens**2 * features
    assert found.flops == found.counted == projections + products + 640


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        (
            "self.a = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True); " + LINEAR,
            "return self.fc(self.a(x[:, 0]).flatten(1))",
        ),
        (
            "self.w = nn.Parameter(torch.randn(64, 64)); " + LINEAR,
            "return self.fc(x.flatten(1) @ (self.w @ self.w))",
        ),
        ("self.l = nn.LSTM(64, 9); " + LINEAR, "self.l(x.flatten(1)); " + CALL),
        (
            "self.c = nn.Conv2d(1, 4, 3, padding=1, groups=1); self.b = nn.BatchNorm2d(4); "
            "self.fc = nn.LazyLinear(10)",
            "return self.fc(self.b(self.c(x)).flatten(1))",
        ),
    ],
)
def test_honest_networks_measure_the_same_again(init, forward):
    torch.manual_seed(0)
    built = build(network(init, forward), SHAPE)
    first, again = measure(built, SHAPE, 10), None
    again = measure_again(built, torch.randn(100, *SHAPE), 10)
    assert (again.params, again.width, again.depth) == (first.params, first.width, first.depth)
    assert again.counted == first.counted + 99 * first.counted_more
    assert again.images == 100


@pytest.mark.parametrize(
    ("limits", "init", "says"),
    [
        (Limits(600, 1e9, 100), LINEAR, "650 params; evaluator.max_params is 600"),
        (Limits(1e9, 600, 100), LINEAR, "640 flops; evaluator.max_flops is 600"),
        (
            Limits(1e12, 1e12, 100),
            LINEAR + "; self.big = nn.Linear(9999, 9999)",
            "MB to train; evaluator.memory_mb is 100",
        ),
        (Limits(1e9, 1e9, 100), "self.big = nn.Linear(10**6, 10**6)", "params"),
    ],
)
def test_limits_are_checked_without_memory(limits, init, says):
    with pytest.raises(NetworkError, match=says) as caught:
        check_on_meta(network(init, CALL), SHAPE, 32, limits)
    assert caught.value.status is Status.OUTSIDE_LIMITS


def test_what_needs_values_is_let_through_the_gate():
    check_on_meta(network(LINEAR, "assert x.sum() != 0; " + CALL), SHAPE, 32, Limits(1e9, 1, 1))
    check_on_meta("not python", SHAPE, 32, Limits(1, 1, 1))


def test_a_network_is_asked_nothing():
    class Liar(nn.Linear):
        def parameters(self, recurse=True):
            raise AssertionError

        modules = named_parameters = children = parameters

    assert size(Liar(3, 4)) == 16
    assert len(parameters(nn.Sequential(Liar(3, 4), Liar(4, 5)))) == 4
