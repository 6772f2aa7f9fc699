"""What notebooks use."""

import pytest
import torch

import llmatic.api as llmatic
from llmatic.errors import UserError

SMALL = (
    *("search.generations=1", "search.batch_size=3", "trainer.epochs=1", "executor.slots=1"),
    "report.refresh_s=null",
)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    mlruns = tmp_path_factory.mktemp("store")
    store = (f"tracking.uri=sqlite:///{mlruns}/mlflow.db", f"tracking.artifacts={mlruns}/artifacts")
    seen = []
    ran = llmatic.search(*SMALL, *store, observe=seen.append)
    assert seen[-1].finished == 4
    again = llmatic.open(ran.run_id[:8], *store)
    assert again.elites.equals(ran.elites)
    return again


def test_elites_are_a_table(found):
    table = found.elites
    assert {"fitness", "flops", "params", "made_by"} <= set(table.columns)
    assert table["fitness"].is_monotonic_decreasing
    assert found.best() == table.index[0]
    smallest = table["flops"].min()
    assert table.loc[found.best(max_flops=smallest), "flops"] == smallest
    assert found.best(max_flops="5M", max_params="1G") == found.best(5e6, 1e9)
    with pytest.raises(UserError, match="within the budget"):
        found.best(max_flops=1)
    with pytest.raises(UserError, match=r"max_flops=5x: must be a number above 0, as 250000"):
        found.best(max_flops="5x")


def test_networks_are_timed_where_a_latency_is_asked_for(found, capsys):
    assert found.best(max_latency="10s", batch_size=8) == found.best()
    with pytest.raises(UserError, match="max-latency 1e-05ms, where the lowest of"):
        found.best(max_latency=1e-8)
    with pytest.raises(UserError, match="max_latency=2: must be a time"):
        found.best(max_latency="2")
    with pytest.raises(UserError, match="batch_size=0: must be at least 1"):
        found.best(max_latency="2ms", batch_size=0)
    assert not capsys.readouterr().out


def test_a_network_is_had_when_it_is_asked_for(found):
    best = found.best()
    assert "class Net" in found.source(best)
    with pytest.raises(UserError, match="execute_generated_code=True"):
        found.network(best)
    network = found.network(best, execute_generated_code=True)
    assert network(torch.zeros(2, 1, 8, 8)).shape == (2, 10)
    assert not network.training
    with pytest.raises(UserError, match="no such candidate"):
        found.source("9-9")


def test_figures(found, tmp_path):
    page, *figures = found.figures(tmp_path / "report")
    assert page.suffix == ".html"
    assert len(figures) > 3
