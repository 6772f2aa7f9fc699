"""Which network of a map fits a budget."""

import math

import pytest
from core import new_search, small_config
from hypothesis import given
from hypothesis import strategies as st

from llmatic.archive import Elite
from llmatic.picking import Budget, BudgetError, budget, duration_s, fast, latency_s, pick, quantity
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status


def elite(index, accuracy, flops, params):
    proposal = Proposal(CandidateId(1, index), Operator.CREATE, (), None, 0.5, None, 1)
    figures = {"val_accuracy": accuracy, "flops": flops, "params": params}
    measurement = Measurement(Status.OK, accuracy, {"flops": flops}, figures)
    return Elite(index, Candidate(proposal, f"{index}", measurement), accuracy, (0.5, 0.5))


MAP = [
    elite(0, 0.90, 1e6, 9e3),
    elite(1, 0.95, 5e6, 4e4),
    elite(2, 0.99, 2e7, 2e5),
    elite(3, 0.95, 4e6, 8e4),
    elite(4, 0.50, 1e4, 1e2),
]


def picked(**limits):
    return [each.niche for each in pick(MAP, Budget(**limits))]


def test_the_fittest_comes_first_and_of_equals_the_smallest():
    assert picked() == [2, 3, 1, 0, 4]


def test_limits_are_kept():
    assert picked(max_flops=5e6) == [3, 1, 0, 4]
    assert picked(max_params=5e4) == [1, 0, 4]
    assert picked(max_params=5e4, min_accuracy=0.9) == [1, 0]


def test_a_budget_may_be_of_texts():
    assert budget("5M", 1000, 0.5) == budget(5e6, "1k", "0.5") == Budget(5e6, 1e3, 0.5)
    assert not budget()


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"max_flops": "5x"}, "max_flops=5x: must be a number above 0"),
        ({"max_params": -1}, "max_params=-1: must be a number above 0"),
        ({"min_accuracy": 97}, "min_accuracy=97: must be from 0 to 1"),
        ({"min_accuracy": "high"}, "min_accuracy=high: must be from 0 to 1"),
    ],
)
def test_what_is_no_budget(limits, says):
    with pytest.raises(BudgetError, match=says):
        budget(**limits)


def test_what_no_network_keeps_is_told_with_what_there_is():
    with pytest.raises(BudgetError, match=r"--max-flops 1,000.*the lowest is 10,000") as error:
        picked(max_flops=1e3, min_accuracy=0.5)
    assert "--min-accuracy 0.5, where the highest is 0.9900" in str(error.value)
    with pytest.raises(BudgetError, match="no elite yet"):
        pick(new_search(small_config()).networks.elites(), Budget())


def test_the_first_fast_networks_and_no_more_are_timed():
    seconds = {2: 0.004, 3: 0.001, 1: 0.002, 0: 0.003, 4: 0.0001}
    timed = []

    def latency_s(elite):
        timed.append(elite.niche)
        return seconds[elite.niche]

    found = fast(pick(MAP, Budget()), latency_s, 0.002, 2)
    assert [(each.niche, latency) for each, latency in found] == [(3, 0.001), (1, 0.002)]
    assert timed == [2, 3, 1]
    with pytest.raises(BudgetError, match=r"--max-latency 0.01ms, where the lowest of 5 is 0.1ms"):
        fast(pick(MAP, Budget()), latency_s, 1e-5, 1)
    with pytest.raises(BudgetError, match="no network of the map that is within the budget runs"):
        fast(pick(MAP, Budget()), lambda elite: math.inf, 1e-5, 1)


def test_a_limit_in_seconds_or_as_on_the_command_line():
    assert latency_s(0.002) == latency_s("2ms") == 2e-3
    assert latency_s(1e-5) == pytest.approx(latency_s("10us"))
    for wrong in (0, -1.0, math.nan, "2", "fast", True):
        with pytest.raises(BudgetError, match=f"max_latency={wrong}: must be a time above 0"):
            latency_s(wrong)


@pytest.mark.parametrize(
    ("text", "value"), [("2ms", 2e-3), ("1s", 1.0), ("500us", 5e-4), ("1.5ms", 1.5e-3)]
)
def test_durations(text, value):
    assert duration_s(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "2", "ms", "-1ms", "0s", "2 ms", "infs", "2m"])
def test_durations_that_are_none(text):
    with pytest.raises(ValueError, match=r".*"):
        duration_s(text)


@given(
    st.lists(st.tuples(*[st.floats(0, 1)] * 1, st.floats(1, 1e9), st.floats(1, 1e6)), min_size=1),
    st.none() | st.floats(1, 1e9),
    st.none() | st.floats(1, 1e6),
)
def test_nothing_outside_is_picked_and_nothing_inside_left_out(rows, max_flops, max_params):
    elites = [elite(i, *row) for i, row in enumerate(rows)]
    inside = {
        each.niche
        for each, (_, flops, params) in zip(elites, rows, strict=True)
        if flops <= (max_flops or 1e9) and params <= (max_params or 1e6)
    }
    budget = Budget(max_flops=max_flops, max_params=max_params)
    if not inside:
        with pytest.raises(BudgetError):
            pick(elites, budget)
        return
    found = pick(elites, budget)
    assert {each.niche for each in found} == inside
    assert [each.fitness for each in found] == sorted((e.fitness for e in found), reverse=True)


@pytest.mark.parametrize(
    ("text", "value"), [("5M", 5e6), ("100k", 1e5), ("2.5G", 2.5e9), ("1e6", 1e6), ("1T", 1e12)]
)
def test_quantities(text, value):
    assert quantity(text) == value


@pytest.mark.parametrize("text", ["", "M", "-1", "0", "nan", "inf", "5m", "5 M", "1e400k", "five"])
def test_quantities_that_are_none(text):
    with pytest.raises(ValueError, match=r".*"):
        quantity(text)
