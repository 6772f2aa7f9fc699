"""Which networks of a map are registered, and under which aliases."""

import pytest
from test_picking import elite

from llmatic.delivery import CHAMPION, Chosen, choose
from llmatic.picking import BudgetError


def test_the_best_of_every_budget_that_leaves_one_out():
    found = choose(
        [
            elite(0, 0.60, 5e8, 9e6),
            elite(1, 0.95, 4.9e9, 4e7),
            elite(2, 0.80, 9e8, 2e6),
            elite(3, 0.70, 1e9, 8e6),
            elite(4, 0.50, 2e7, 1e5),
        ]
    )
    assert found == [
        Chosen("1-1", (CHAMPION,)),
        Chosen("1-4", ("under-100m-flops",)),
        Chosen("1-2", ("under-1g-flops",)),
    ]


def test_a_network_has_the_aliases_of_all_budgets_that_it_is_the_best_of():
    found = choose([elite(0, 0.99, 5e3, 10), elite(1, 0.50, 5e6, 10), elite(2, 0.40, 9e2, 10)])
    assert found == [
        Chosen("1-0", (CHAMPION, "under-10k-flops", "under-100k-flops", "under-1m-flops")),
        Chosen("1-2", ("under-1k-flops",)),
    ]


def test_a_single_network_is_the_champion_alone():
    assert choose([elite(0, 0.5, 1e6, 10)]) == [Chosen("1-0", (CHAMPION,))]
    with pytest.raises(BudgetError):
        choose([])
