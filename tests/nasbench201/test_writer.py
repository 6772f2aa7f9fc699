"""The writer of cells: every prompt does what it says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm.conformance import LLMConformance, answer, answers
from nasbench201.cells import CELLS, EMPTY, RICH

from llmatic.config import compose
from llmatic.llm import Request
from llmatic.nasbench201.cell import EDGES, SEED, Cell, Operation, read_cell
from llmatic.nasbench201.writer import EDITS, CellWriter
from llmatic.prompts import Catalogue
from llmatic.records import SEED_ID

CATALOGUE = Catalogue.of(compose(["experiment=nasbench201_cifar10"]).prompts)
KEYS = [prompt.key for prompt in CATALOGUE.mutations]
COLD = 0.01
"""At this temperature nearly always one edit is made."""


def write(key: str, *parents: str, seed: int = 0, temperature: float = COLD) -> Cell:
    asked = Request(SEED_ID, parents, key, "as you like", temperature, seed, (3, 32, 32), 10)
    return read_cell(answer(CellWriter(), asked).text)


def count(cell: Cell, *wanted: Operation) -> int:
    return sum(each in wanted for each in cell.operations)


def changed(one: Cell, other: Cell) -> list[int]:
    pairs = zip(one.operations, other.operations, strict=True)
    return [edge for edge, (before, after) in enumerate(pairs) if before is not after]


class TestConformance(LLMConformance):
    @pytest.fixture
    def llm(self):
        return CellWriter()


def test_every_prompt_has_a_rule():
    assert list(EDITS) == KEYS


@given(CELLS, st.sampled_from(KEYS), st.integers(0, 2**31 - 1), st.floats(COLD, 1))
def test_a_mutation_is_another_cell(cell, key, seed, temperature):
    child = write(key, cell.source, seed=seed, temperature=temperature)
    assert child != cell
    assert child == write(key, cell.source, seed=seed, temperature=temperature)


N = Operation
ONE_MORE = {
    "add_conv_1x1": N.CONV_1X1,
    "add_conv_3x3": N.CONV_3X3,
    "add_pooling": N.AVG_POOL,
    "add_skip": N.SKIP,
}
ONE_LESS = {
    "add_operation": N.ZEROIZE,
    "delete_pooling": N.AVG_POOL,
    "delete_skip": N.SKIP,
}


@settings(max_examples=30)
@given(CELLS, st.integers(0, 2**31 - 1))
def test_a_prompt_does_what_it_says(cell, seed):
    children = {key: write(key, cell.source, seed=seed, temperature=1e-9) for key in KEYS}
    for key, operation in ONE_MORE.items():
        if count(cell, operation) < len(EDGES):
            assert count(children[key], operation) == count(cell, operation) + 1, key
            assert len(changed(cell, children[key])) == 1, key
    for key, operation in ONE_LESS.items():
        if count(cell, operation):
            assert count(children[key], operation) == count(cell, operation) - 1, key
    if count(cell, N.ZEROIZE) < len(EDGES):
        assert count(children["delete_operation"], N.ZEROIZE) == count(cell, N.ZEROIZE) + 1
    assert len(changed(cell, children["improve"])) == 1
    convolutions = {N.CONV_1X1, N.CONV_3X3}
    for key, among in (("widen", {(0, 2), (0, 3), (1, 3)}), ("deepen", {(0, 1), (1, 2), (2, 3)})):
        free = [
            i for i, e in enumerate(EDGES) if e in among and cell.operations[i] not in convolutions
        ]
        if free:
            (edge,) = changed(cell, children[key])
            assert edge in free, key
            assert children[key].operations[edge] in convolutions, key
    if count(cell, *convolutions):
        (edge,) = changed(cell, children["change_kernel"])
        assert {cell.operations[edge], children["change_kernel"].operations[edge]} == {
            *convolutions
        }
    if len(set(cell.operations)) > 1:
        assert sorted(children["swap"].operations) == sorted(cell.operations)
        assert len(changed(cell, children["swap"])) == 2
    assert 1 <= len(changed(cell, children["add_skips"])) <= 2


def weight(cell: Cell) -> int:
    return count(cell, N.CONV_1X1) + 9 * count(cell, N.CONV_3X3)


@given(CELLS, st.integers(0, 2**31 - 1))
def test_smaller_is_smaller_and_larger_larger(cell, seed):
    if weight(cell) > 0:
        assert weight(write("improve_smaller", cell.source, seed=seed)) < weight(cell)
    if weight(cell) < 9 * len(EDGES):
        assert weight(write("improve_larger", cell.source, seed=seed)) > weight(cell)


def test_the_temperature_says_how_much_changes():
    def edits(temperature: float) -> float:
        children = [
            write("improve", RICH.source, seed=seed, temperature=temperature) for seed in range(200)
        ]
        return sum(len(changed(RICH, each)) for each in children) / len(children)

    assert edits(COLD) < 1.1 < 1.4 < edits(1.0)


@given(CELLS, CELLS, st.integers(0, 2**31 - 1))
def test_a_crossover_has_each_edge_of_a_parent_and_is_new(one, other, seed):
    child = write("crossover", one.source, other.source, seed=seed)
    if len(changed(one, other)) != 1:  # else the edge that is changed may be that one
        assert child not in (one, other)
    strange = [
        edge
        for edge, operation in enumerate(child.operations)
        if operation not in (one.operations[edge], other.operations[edge])
    ]
    assert len(strange) <= 1
    if len(changed(one, other)) > 1 and strange:
        mended = {child.with_edge(strange[0], each) for each in Operation}
        assert mended & {one, other}


def test_from_scratch_every_cell_is_possible():
    cells = [write("create", SEED.source, seed=seed) for seed in range(300)]
    assert len(set(cells)) > 250
    for edge in range(len(EDGES)):
        assert {cell.operations[edge] for cell in cells} == set(Operation)


def test_a_prompt_of_ones_own_changes_something():
    assert len(changed(RICH, write("make_it_sing", RICH.source))) == 1


@pytest.mark.parametrize("parent", ["", "no code", "class Net:\n    pass\n", "def f(:"])
def test_a_parent_that_is_no_cell_is_no_obstacle(parent):
    assert isinstance(write("improve", parent), Cell)
    assert isinstance(write("repair", parent), Cell)
    assert len(changed(EMPTY, write("crossover", parent, EMPTY.source))) >= 1


def test_one_completion_after_the_other():
    asked = [
        Request(SEED_ID, (RICH.source,), "improve", "", 0.5, seed, (3, 32, 32), 10)
        for seed in range(3)
    ]
    assert [each.model for each in answers(CellWriter(), asked)] == ["grammar"] * 3
