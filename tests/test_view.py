"""Tables keep their numbers whole wherever they are printed."""

import io

import pytest
from test_picking import elite

from llmatic import view
from llmatic.archive import Elite
from llmatic.picking import Budget, pick


def a_map() -> list[Elite]:
    elites = [elite(90 + place, 0.9, 10.0**place * 1234567, 12345678) for place in range(4)]
    for each in elites:
        each.candidate.measurement.metrics["test_accuracy"] = 0.8
    return elites


@pytest.mark.parametrize("columns", ["20", "72", "100", "200", None])
def test_numbers_are_never_cut(monkeypatch, columns):
    if columns is not None:  # a terminal of that width
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", columns)
    table = view.map_table(pick(a_map(), Budget()), ())
    file = io.StringIO()
    view.console(table, file=file).print(table)
    printed = file.getvalue()
    assert "…" not in printed
    for number in ("1,234.5670", "12,345,678", "0.9000", "0.8000", "93"):
        assert number in printed
    if columns is None:
        assert max(map(len, printed.splitlines())) <= view.WIDE


def test_tables_say_how_they_are_sorted():
    table = view.map_table(a_map(), ())
    assert table.caption == "Fewest FLOPs first. A niche's number is only its name."
