"""Cells and their source, there and back; and what is no cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nasbench201.cells import CELLS, RICH

from llmatic.genome import Genome, Rejection
from llmatic.nasbench201.cell import EDGES, SEED, Cell, Operation, parse, read_cell
from llmatic.nasbench201.reading import NoCellError
from llmatic.nasbench201.table import CLASSES, read_table
from llmatic.records import Status

HEAD = "import torch.nn as nn\n\n\nclass Net(nn.Module):\n"


def net(forward: str, **layers: str) -> str:
    """A class with these layers and these lines in forward."""
    made = "".join(f"        self.{name} = {layer}\n" for name, layer in layers.items())
    lines = "".join(f"        {line}\n" for line in forward.splitlines())
    return (
        f"{HEAD}    def __init__(self):\n        super().__init__()\n{made}\n"
        f"    def forward(self, x):\n{lines}"
    )


def edges(**operations: str) -> Cell:
    """The cell with these operations, as in ``e03``, and zeroize elsewhere."""
    named = {f"e{start}{end}": Operation.ZEROIZE for start, end in EDGES}
    named |= {name: Operation(value) for name, value in operations.items()}
    return Cell(tuple(named[f"e{start}{end}"] for start, end in EDGES))


@given(CELLS)
def test_source_there_and_back(cell):
    assert read_cell(cell.source) == cell
    found = parse(f"Here you are:\n```python\n{cell.source}```")
    assert isinstance(found, Genome)
    assert read_cell(found.source) == cell
    assert Cell.from_string(str(cell)) == cell


@given(CELLS, CELLS)
def test_identity_is_that_of_the_cell(one, other):
    same = parse(one.source).sha256 == parse(other.source).sha256
    assert same == (one == other)


def test_two_ways_to_write_a_cell_are_the_same_network():
    other = RICH.source.replace("edge_0_1", "first").replace("x2", "inner")
    assert parse(other).sha256 == parse(RICH.source).sha256


def test_every_string_of_the_table_is_a_cell():
    one, *others = (list(read_table(dataset)) for dataset in CLASSES)
    assert len({Cell.from_string(each) for each in one}) == len(one) == 15_625
    assert all(one == other for other in others)


@pytest.mark.parametrize("text", ["", "|none~0|", str(SEED) + "|", "|conv~0|+|none~0|none~1|+|"])
def test_other_strings_are_none(text):
    with pytest.raises(ValueError, match=r"is no|is not a valid"):
        Cell.from_string(text)


def test_with_edge():
    assert SEED.with_edge(0, Operation.CONV_3X3).operations[0] is Operation.CONV_3X3
    assert SEED.with_edge(0, Operation.CONV_3X3).operations[1:] == SEED.operations[1:]


CONV, POOL, SKIP = "nor_conv_3x3", "avg_pool_3x3", "skip_connect"
READ = {
    "missing edges are zeroize": (net("return self.a(x)", a="Conv3x3()"), edges(e03=CONV)),
    "a value returned as it is": (net("return x"), edges(e03=SKIP)),
    "a residual sum": (
        net("y = self.a(x)\nreturn self.b(y) + x", a="Conv3x3()", b="AvgPool3x3()"),
        edges(e01=CONV, e13=POOL, e03=SKIP),
    ),
    "nested calls": (
        net("return self.c(self.b(self.a(x)))", a="Conv3x3()", b="AvgPool3x3()", c="Conv3x3()"),
        edges(e01=CONV, e12=POOL, e23=CONV),
    ),
    "layers made where they are used": (
        net("x1 = Conv3x3()(x)\nreturn AvgPool3x3()(x1)"),
        edges(e01=CONV, e13=POOL),
    ),
    "a sum in steps": (
        net(
            "y = self.a(x)\nz = self.b(x)\nz += self.c(y)\nreturn z",
            a="Conv3x3()",
            b="AvgPool3x3()",
            c="Conv3x3()",
        ),
        edges(e01=CONV, e03=POOL, e13=CONV),
    ),
    "sum() of a list": (
        net("y = self.a(x)\nreturn sum([self.b(x), self.a(y)])", a="Conv3x3()", b="AvgPool3x3()"),
        edges(e01=CONV, e03=POOL, e13=CONV),
    ),
    "a name used again": (
        net("x = self.a(x)\nx = self.a(x)\nreturn x", a="Conv3x3()"),
        edges(e01=CONV, e13=CONV),
    ),
    "a layer from a module": (net("return self.a(x)", a="ops.Conv3x3(16, 16)"), edges(e03=CONV)),
    "a docstring": (net('"""Why not."""\nreturn self.a(x)', a="Conv3x3()"), edges(e03=CONV)),
}


@pytest.mark.parametrize("name", READ)
def test_reading(name):
    source, cell = READ[name]
    assert read_cell(source) == cell


REFUSED = {
    "two operations lead from node 0 to node 3": net("return self.a(x) + x", a="Conv3x3()"),
    "has 5 nodes": net("return self.a(self.a(self.a(self.a(x))))", a="Conv3x3()"),
    "nn.Conv2d(3, 3, 3) is none of the operations AvgPool3x3": net(
        "return self.a(x)", a="nn.Conv2d(3, 3, 3)"
    ),
    "self.b is called, but is no layer": net("return self.b(x)", a="Conv3x3()"),
    "self.a(x) * x is no part of a cell": net("return self.a(x) * x", a="Conv3x3()"),
    "for _ in range(2)": net("for _ in range(2):\n    x = self.a(x)\nreturn x", a="Conv3x3()"),
    "takes one value": net("return self.a(x)", a="Conv3x3()").replace("(self, x)", "(self, x, y)"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_no_cell_gets_a_status_and_a_reason(reason):
    found = parse(REFUSED[reason])
    assert isinstance(found, Rejection)
    assert found.status is Status.NOT_IN_TABLE
    assert reason in found.reason
    with pytest.raises(NoCellError):
        read_cell(REFUSED[reason])


FAILING = {
    "a text without code": ("I would rather not.", Status.NO_CODE),
    "nothing returned": (net("x = self.a(x)", a="Conv3x3()"), Status.NO_CODE),
    "300 nested calls": (
        net(f"return {'self.a(' * 300}x{')' * 300}", a="Conv3x3()"),
        Status.NO_CODE,
    ),
    "90 nested calls": (
        net(f"return {'self.a(' * 90}x{')' * 90}", a="Conv3x3()"),
        Status.NOT_IN_TABLE,
    ),
    "a chain of sums": (
        net("\n".join(["y = x"] + ["y = y + x"] * 500 + ["return y"])),
        Status.NOT_IN_TABLE,
    ),
    "more than 64,000 characters": (
        net("x = self.a(x)\n" * 3_000 + "return x", a="Conv3x3()"),
        Status.OUTSIDE_LIMITS,
    ),
    "almost 64,000 characters": (
        net("x = self.a(x)\n" * 2_800 + "return x", a="Conv3x3()"),
        Status.NOT_IN_TABLE,
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_is_far_from_a_cell_is_a_status_too(name):
    text, status = FAILING[name]
    found = parse(text)
    assert isinstance(found, Rejection)
    assert found.status is status
    assert 0 < len(found.reason) < 500


@given(st.text(), CELLS, st.integers(0, 600), st.integers(0, 40))
def test_parse_never_raises(text, cell, start, length):
    source = cell.source
    parse(text)
    parse(source[:start] + text + source[start + length :])
