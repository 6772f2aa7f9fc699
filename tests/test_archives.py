"""Which exported graphs are handed out."""

import copy
import io
import json
import math
import operator
import re

import pytest
import torch
from exports import CONSTANTS, MODEL, NETWORKS, SEED, SHAPE, WEIGHTS, exported, members, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from llmatic.delivery.pt2 import RefusedError, rewritten
from llmatic.delivery.pt2.aten import ATEN, NO_OVERLOADS, SYMBOLIC, allowed
from llmatic.delivery.pt2.graphs import PROGRAM, payloads

pytestmark = pytest.mark.usefixtures("one_thread")
FOREIGN = "x'); open('y', 'w')  #"
FILES = [MODEL, WEIGHTS, CONSTANTS]
RULES = [(MODEL, PROGRAM, 13), (WEIGHTS, payloads("weight"), 2), (CONSTANTS, payloads("tensor"), 1)]


@pytest.fixture(scope="module")
def seed():
    return exported(SEED)


@pytest.fixture(scope="module")
def rich():
    """Has constants, symbolic sizes, mutated buffers and most kinds of arguments."""
    return exported(NETWORKS["buffers"])


@pytest.mark.parametrize("name", NETWORKS)
def test_honest_networks_are_handed_out_as_they_were(name):
    archive = exported(NETWORKS[name])
    written = rewritten(archive)
    was, now = (torch.export.load(io.BytesIO(each)).module() for each in (archive, written))
    for count in (1, 5):
        images = torch.rand(count, *SHAPE) * 16
        assert torch.equal(was(images), now(images))
    with pytest.raises(RuntimeError, match="to be equal to 8, but got 9"):
        now(torch.rand(1, *SHAPE[:-1], SHAPE[-1] + 1))
    assert rewritten(written) == written


def test_nothing_of_the_machine_is_left(seed):
    assert b"site-packages" in seed
    assert b"site-packages" not in rewritten(seed)
    assert b"network.py" not in rewritten(seed)


def test_what_is_around_the_archive_is_left_out(seed):
    for around in (b"junk" + seed, zipped(members(seed))):
        assert rewritten(around) == rewritten(seed)


def places(said, path=()):
    """Where something is in a JSON, what says where code came from left out."""
    if path and path[-1] == "metadata":
        return
    yield path
    if isinstance(said, dict | list):
        for key in said if isinstance(said, dict) else range(len(said)):
            yield from places(said[key], (*path, key))


def at(said, path):
    for key in path:
        said = said[key]
    return said


def replaced(said, path, value):
    said = copy.deepcopy(said)
    if not path:
        return value
    at(said, path[:-1])[path[-1]] = value
    return said


def renamed(said, path, key):
    said = copy.deepcopy(said)
    owner = at(said, path[:-1])
    owner[key] = owner.pop(path[-1])
    return said


def mutants(said, paths):
    """Values of another type or foreign, keys others, objects with one field more."""
    for path in paths:
        value = at(said, path)
        yield replaced(said, path, FOREIGN)
        yield replaced(said, path, {"as_operator": "torch.load"})
        if isinstance(value, dict):
            yield replaced(said, path, {**value, FOREIGN: None})
        if path and isinstance(path[-1], str):
            yield renamed(said, path, FOREIGN)


@pytest.mark.parametrize(("name", "rule", "every"), RULES, ids=FILES)
def test_nothing_else_is_let_through(rich, name, rule, every):
    said = json.loads(members(rich)[name])
    rule(said)
    paths = list(places(said))[::every]
    assert len(paths) > 50
    for mutant in mutants(said, paths):
        with pytest.raises(RefusedError):
            rule(mutant)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_bytes_are_refused_or_made_safe(seed, data):
    archive = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    try:
        written = rewritten(bytes(archive[: data.draw(st.integers(0, len(archive)))]))
    except RefusedError:
        return
    assert rewritten(written) == written


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"config": NaN}', b"9" * 5000),
        b'{"config": {"a":' * 300 + b"1" + b"}}" * 300,
    ],
)
@pytest.mark.parametrize("name", FILES)
def test_what_is_no_json_is_refused(seed, name, text):
    with pytest.raises(RefusedError):
        rewritten(zipped({**members(seed), name: text}))


def test_what_was_refused_is_said_without_control_characters(seed):
    contents = members(seed)
    for name in ("\x1b[2J\n" * 100, "data/x\u202e"):
        with pytest.raises(RefusedError) as caught:
            rewritten(zipped({**contents, name: b""}))
        assert re.fullmatch(r"[ -~]{1,200}", str(caught.value))


def overloads():
    for name in [*ATEN, *(f"{each}_" for each in ATEN)]:
        if packet := getattr(torch.ops.aten, name, None):
            for overload in packet.overloads():
                yield getattr(packet, overload)._schema


def test_operators_are_pytorchs():
    for name in ATEN:
        packet = getattr(torch.ops.aten, name)
        public = {each for each in dir(packet) if not each.startswith("_")}
        assert public <= NO_OVERLOADS | set(packet.overloads()), name
    modules = {"torch": torch, "math": math, "_operator": operator}
    for target in SYMBOLIC:
        module, name = target.split(".")
        assert callable(getattr(modules[module], name))


def test_no_operator_is_given_a_file():
    arguments = [each for schema in overloads() for each in schema.arguments]
    assert len(arguments) > 4000
    assert not [
        each
        for each in arguments
        if re.search("Storage|Stream|RRef|Future|Any$|__torch__", str(each.type))
    ]
    assert {each.name for each in arguments if "str" in str(each.type)} <= {
        *("equation", "indexing", "rounding_mode", "approximate", "padding", "norm", "ord"),
        *("mode", "pad_mode", "reduce", "driver", "side"),
        *("self", "a", "b", "el", "separator", "string", "substr"),  # of TorchScript's strings
    }


@pytest.mark.parametrize(
    "target",
    [
        *("torch.ops.aten.from_file.default", "torch.ops.aten.save.default", "torch.load"),
        *("torch.ops.aten._print.default", "torch.ops.aten.add", "torch.ops.aten.add.overloads"),
        *("torch.ops.aten.add.__class__", "torch.ops.aten.add.Tensor.decompose", "os.system"),
        *("torch.os.system", "_operator.attrgetter", "math.os", "#ns:op", "aten.add.Tensor"),
        *("torch.ops.higher_order.cond", "torch.ops.prims.add.default", ""),
        *("torch.ops.aten.add.Tensor\n", "torch.ops.aten.set_.source_Storage"),
        *("torch.ops.aten.empty.memory_format", "torch.ops.aten.resize_.default"),
    ],
)
def test_other_operators_are_not_allowed(target):
    assert not allowed(target)


def test_forms_that_work_in_place_are_allowed():
    for target in ("torch.ops.aten.add_.Tensor", "torch.ops.aten._weight_norm.default"):
        assert allowed(target)
