"""Many networks written, few measured: structure, surrogate, and the search that chooses."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmatic import launch, parts
from llmatic.config import compose
from llmatic.genome import seed_source
from llmatic.loop import Loop
from llmatic.nasbench201.cell import SEED, Operation
from llmatic.nasbench201.table import read_table
from llmatic.records import Operator, Status
from llmatic.search import Search, compute_niches
from llmatic.simulation import DirectExecutor, MemoryJournal
from llmatic.structure import structure
from llmatic.surrogate import Surrogate, choose_best, normal_scores

SETTINGS = (
    "experiment=nasbench201_cifar10",
    "search=frontier",
    "search.pool=30",
    "search.generations=6",
    "search.niches=30",
    "search.centroid_samples=300",
)


@given(st.text(max_size=300))
def test_structure_takes_any_text(text):
    assert all(isinstance(value, float) for value in structure(text).values())


def test_structure_of_the_seed_network():
    found = structure(seed_source((1, 8, 8), 10))
    assert found["op:conv1"] == found["op:linear"] == found["op:relu"] == 1
    assert found["size:depth"] == pytest.approx(np.log2(1 + 4))


@pytest.mark.parametrize(
    "line", ["a = [x]; a.append(a)", "a = [x]; a = [a, a]; b = [a] * 200; a = [b] * 200"]
)
def test_structure_of_a_value_without_end(line):
    call = f"def forward(self, x):\n        {line}\n        return a"
    source = seed_source((1, 8, 8), 10)
    head = source[: source.index("def forward")]
    assert isinstance(structure(head + call), dict)


def test_a_pool_is_measured_from_the_seed_as_well():
    journal = MemoryJournal()
    go(journal, "search.init_from=seed", "search.init_prompts=20", "search.generations=3")
    assert len([each for each in journal.candidates() if each.measurement.status is Status.OK]) > 3


def test_structure_tells_apart_where_an_operation_is():
    edges = [SEED.with_edge(edge, Operation.CONV_3X3) for edge in range(6)]
    described = {json.dumps(structure(cell.source), sort_keys=True) for cell in edges}
    assert len(described) == 6


def test_structure_is_the_same_for_another_spelling():
    source = SEED.with_edge(0, Operation.CONV_3X3).source
    other = source.replace("edge_0_1", "first").replace("x1", "hidden")
    assert other != source
    assert structure(other) == structure(source)


@pytest.fixture(scope="module")
def cells():
    table = read_table("cifar10")
    rng = np.random.default_rng(0)
    chosen = [list(table)[i] for i in rng.choice(len(table), 160, replace=False)]
    from llmatic.nasbench201.cell import Cell

    features = [structure(Cell.from_string(each).source) for each in chosen]
    return features, [table[each].val_accuracy for each in chosen]


def test_a_surrogate_foresees_the_order(cells):
    features, accuracies = cells
    surrogate = Surrogate.fit(features[:80], normal_scores(accuracies[:80]))
    expected = surrogate.believe(features[80:]).mean
    order = np.corrcoef(normal_scores(expected.tolist()), normal_scores(accuracies[80:]))[0, 1]
    assert order > 0.7


def test_a_surrogate_chooses_better_than_chance(cells):
    features, accuracies = cells
    surrogate = Surrogate.fit(features[:80], normal_scores(accuracies[:80]))
    chosen = choose_best(surrogate.believe(features[80:]), 10)
    assert len(set(chosen)) == 10
    assert np.mean([accuracies[80 + i] for i in chosen]) > np.quantile(accuracies[80:], 0.7)


def test_what_is_taken_is_not_chosen_again(cells):
    features, accuracies = cells
    belief = Surrogate.fit(features[:20], normal_scores(accuracies[:20])).believe(features[20:30])
    taken = choose_best(belief, 4)
    assert sorted([*taken, *choose_best(belief, 99, taken)]) == list(range(10))


class StoppedError(Exception):
    """The process ends here."""


class Stopping(DirectExecutor):
    """Fails before one evaluation more than it may carry out."""

    def __init__(self, evaluator, allowed):
        super().__init__(evaluator)
        self.allowed = allowed

    def map(self, tasks):
        for done in super().map(tasks):
            self.allowed -= 1
            if self.allowed < 0:
                raise StoppedError
            yield done


def go(journal, *overrides, allowed=10**6):
    config = compose([*SETTINGS, *overrides])
    prompts = len(launch.mutations(config))
    search = Search(config, compute_niches(config, prompts), prompts)
    with parts.evaluators(config) as make:
        Loop(
            config,
            search,
            journal,
            parts.writer(config, None, print),
            Stopping(make(), allowed),
            parts.seed_network(config),
            parts.parser(config),
            lambda progress: None,
        ).run()
    return search


def elites(search):
    return [
        (each.niche, each.candidate.proposal.id, each.fitness) for each in search.networks.elites()
    ]


@pytest.mark.parametrize("map_share", [0, 0.5, 1])
def test_a_batch_is_chosen_from_a_pool(map_share):
    journal = MemoryJournal()
    search = go(journal, f"search.map_share={map_share}")
    for generation in range(1, 7):
        candidates = list(journal.finished(generation).values())
        assert len(candidates) == 30
        fresh = [each for each in candidates if each.measurement.status is Status.OK]
        left = [each for each in candidates if each.measurement.status is Status.NOT_CHOSEN]
        assert len(fresh) == 5
        assert left
        assert all(each.measurement.fitness is None for each in left)
    assert journal.spent["evaluations"] == 31
    assert {each.proposal.operator for each in journal.candidates()} == {
        *(Operator.SEED, Operator.CREATE, Operator.MUTATION, Operator.CROSSOVER)
    }
    assert search.networks.best().fitness > 0.88


IMPATIENT = "search.patience=6"


def test_a_search_that_is_stuck_begins_anew():
    journal = MemoryJournal()
    search = go(journal, IMPATIENT, "search.generations=12")
    from_scratch, best = [], []
    for generation in range(1, 13):
        candidates = journal.finished(generation).values()
        from_scratch.append({each.proposal.operator for each in candidates} == {Operator.CREATE})
        best.append(max(each.measurement.fitness or 0 for each in candidates))
    again = from_scratch.index(True, 3)
    assert best[again - 1] <= max(best[: again - 1])
    assert not all(from_scratch[again:])
    assert search.networks.best().fitness == max(best)


def test_patience_is_without_end_unless_it_is_set():
    journal = MemoryJournal()
    go(journal, "search.patience=null", "search.generations=12")
    for generation in range(4, 13):
        operators = {each.proposal.operator for each in journal.finished(generation).values()}
        assert operators >= {Operator.MUTATION, Operator.CROSSOVER}


@pytest.mark.parametrize("overrides", [(), (IMPATIENT, "search.generations=12")])
def test_going_on_chooses_the_same(overrides):
    whole = go(MemoryJournal(), *overrides)
    journal = MemoryJournal()
    for allowed in (3, 9, 12):
        with pytest.raises(StoppedError):
            go(journal, *overrides, allowed=allowed)
    assert elites(go(journal, *overrides)) == elites(whole)


def test_no_network_is_measured_twice():
    journal = MemoryJournal()
    go(journal)
    measured = [
        each.source_sha256 for each in journal.candidates() if each.measurement.status is Status.OK
    ]
    assert len(measured) == len(set(measured))


def test_structure_of_what_models_wrote():
    answers = Path(__file__).parent / "genome" / "answers"
    texts = [
        path.read_text(encoding="utf-8") for path in sorted(answers.rglob("*")) if path.is_file()
    ]
    assert len(texts) > 50
    for text in texts:
        structure(text)
