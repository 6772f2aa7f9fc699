"""The populations that take an archive's place, and a search that has them."""

import numpy as np
import pytest
from core import FakeExecutor, new_search, small_config

from llmatic import launch
from llmatic.archive import PromptArchive
from llmatic.config import compose
from llmatic.genome import parse, seed_source
from llmatic.llm.grammar import GrammarWriter
from llmatic.loop import Loop
from llmatic.population import NetworkPopulation, PromptPopulation
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.simulation import MemoryJournal


def candidate(index: int, fitness: float, network: str | None = None, **structure: float):
    proposal = Proposal(CandidateId(1, index), Operator.CREATE, (), None, 0.6, None, 0)
    measurement = Measurement(Status.OK, fitness, {"width_to_depth": 1.0, "flops": 1.0})
    return Candidate(proposal, network or f"network {index}", measurement, structure=structure)


def fitnesses(population: NetworkPopulation) -> list[float]:
    everyone = population.sample(np.random.default_rng(0), len(population))
    return sorted(each.measurement.fitness for each in everyone)


def test_networks_are_kept_by_fitness():
    population = NetworkPopulation(2)
    assert [population.add(candidate(i, f)) for i, f in enumerate((0.5, 0.3, 0.4))] == [True] * 3
    assert fitnesses(population) == [0.4, 0.5]
    assert not population.add(candidate(3, 0.4))
    assert not population.add(candidate(4, 0.1))
    assert fitnesses(population) == [0.4, 0.5]


def test_a_network_is_a_member_once():
    population = NetworkPopulation(3)
    assert population.add(candidate(0, 0.5, "same"))
    assert not population.add(candidate(1, 0.5, "same"))
    assert len(population) == 1


def test_samples_are_different_where_there_are_enough():
    population = NetworkPopulation(5)
    for index in range(5):
        population.add(candidate(index, 0.1 * index))
    rng = np.random.default_rng(0)
    assert len({each.proposal.id for each in population.sample(rng, 5)}) == 5
    assert len(population.sample(rng, 9)) == 9


def test_neighbours_are_those_of_the_most_similar_structure():
    population = NetworkPopulation(4)
    me = candidate(0, 0.5, conv=2.0, relu=1.0)
    near, far = candidate(1, 0.4, conv=4.0, relu=2.0), candidate(2, 0.6, lstm=1.0)
    between = candidate(3, 0.3, conv=1.0, lstm=1.0)
    for each in (far, me, between, near):
        population.add(each)
    assert population.neighbours(me, 3) == [near, between, far]
    assert population.neighbours(me, 1) == [near]
    assert population.neighbours(candidate(9, 0.1), 2)  # no structure is like no other


def test_prompts_are_kept_by_score():
    population = PromptPopulation(2, prompts=3)
    for prompt_id, score in ((0, -0.5), (1, 1.0), (2, 1.0)):
        population.offer(prompt_id, 0.6, score)
    assert [(n, each.prompt_id) for n, each in population.items()] == [(1, 1), (2, 2)]
    assert population.most_curious() == 1
    population.credit(2, 2, 1.0)
    assert population.most_curious() == 2
    assert population[2].curiosity == 2.0
    population.credit(0, 0, 1.0)  # has left; nobody is credited in its place
    assert {population.sample(np.random.default_rng(seed)) for seed in range(20)} == {1, 2}


def test_of_equals_the_oldest_leaves():
    population = PromptPopulation(2, prompts=1)
    for temperature in (0.1, 0.2, 0.3):
        population.offer(0, temperature, 0.0)
    assert [each.temperature for _, each in population.items()] == [0.2, 0.3]


def run(*overrides: str) -> tuple[Loop, MemoryJournal]:
    config = small_config(
        *("search.batch_size=8", "search.generations=5", "search.init_networks=3", "seed=3"),
        *overrides,
    )
    journal = MemoryJournal()
    loop = Loop(
        config,
        new_search(config),
        journal,
        GrammarWriter(max_flops=5e6),
        FakeExecutor(),
        seed_source((1, 8, 8), 10),
        parse,
        lambda progress: None,
    )
    loop.run()
    return loop, journal


def test_a_search_without_a_network_archive_takes_parents_from_the_fittest():
    _, journal = run("ablation=prompt_archive_only", "search.population=4")
    by_id = {each.proposal.id: each for each in journal.candidates()}
    last = journal.finished(5).values()
    before = [each for each in by_id.values() if each.proposal.id.generation < 5]
    best = sorted(
        {e.source_sha256: e.measurement.fitness for e in before if e.measurement.fitness}.values()
    )[-4:]
    used = {by_id[parent].measurement.fitness for each in last for parent in each.proposal.parents}
    assert used <= set(best)
    assert {each.proposal.operator for each in by_id.values()} >= {Operator.MUTATION}


def test_a_search_without_a_prompt_archive_has_a_population_of_prompts():
    loop, journal = run("ablation=network_archive_only", "search.population=6")
    assert isinstance(loop.search.prompts, PromptPopulation)
    assert len(loop.search.prompts) == 6
    steps = [round(abs(each.temperature - 0.6) / 0.1, 6) for _, each in loop.search.prompts.items()]
    assert journal.committed == 5
    assert any(step == 1 for step in steps)


def test_random_generation_writes_every_network_from_scratch():
    loop, journal = run("ablation=random_generation")
    operators = {each.proposal.operator for each in journal.candidates()}
    assert operators == {Operator.SEED, Operator.CREATE}
    assert isinstance(loop.search.prompts, PromptArchive)


@pytest.mark.parametrize(
    ("ablation", "allowed"),
    [
        ("mutation_only", {Operator.MUTATION}),
        ("crossover_only", {Operator.CROSSOVER}),
    ],
)
def test_after_the_initialisation_one_operator_is_left(ablation, allowed):
    _, journal = run(f"ablation={ablation}")
    assert {each.proposal.operator for each in journal.finished(5).values()} == allowed


@pytest.mark.parametrize("ablation", ["prompt_archive_only", "network_archive_only"])
def test_on_the_table_too(ablation):
    config = compose(
        ["experiment=nasbench201_cifar10", f"ablation={ablation}", "search.generations=3"]
    )
    journal = launch.simulate(config, print)
    assert journal.committed == 3
    assert len(journal.candidates()) == 1 + 3 * config.search.batch_size
    assert all(each.measurement.status.trainable for each in journal.candidates())
    again = launch.simulate(config, print)
    assert again.candidates() == journal.candidates()
