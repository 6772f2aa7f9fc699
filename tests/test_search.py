"""Algorithm 1, rule by rule."""

from collections import Counter

import pytest
from core import PROMPTS, new_search, small_config

from llmatic.records import SEED_ID, Candidate, Measurement, Operator, Proposal, Status
from llmatic.search import SeedFailedError


def measured(proposal: Proposal, fitness: float | None, place: int = 0) -> Candidate:
    """A candidate of a given fitness; its place decides its niche."""
    if fitness is None:
        return Candidate(proposal, None, Measurement(Status.CRASHED, error="no"))
    descriptors = {"width_to_depth": 1.0 + 13 * (place % 15), "flops": 600.0 * 3 ** (place % 8)}
    metrics = {"flops": descriptors["flops"]}
    return Candidate(
        proposal, f"{proposal.id}", Measurement(Status.OK, fitness, descriptors, metrics)
    )


def started(*overrides: str, seed_fitness: float = 0.5):
    config = small_config("search.batch_size=12", *overrides)
    search = new_search(config)
    search.tell([measured(search.ask()[0], seed_fitness)])
    return config, search


def fill(search, fitness=0.6):
    """Tell a generation whose candidates spread over the map."""
    proposals = search.ask()
    search.tell([measured(p, fitness, place) for place, p in enumerate(proposals)])
    return proposals


def test_the_seed_network_is_generation_zero():
    search = new_search(small_config())
    (proposal,) = search.ask()
    assert (proposal.id, proposal.operator, proposal.parents) == (SEED_ID, Operator.SEED, ())


def test_a_seed_network_that_does_not_train_ends_the_search():
    search = new_search(small_config())
    with pytest.raises(SeedFailedError, match="crashed: no"):
        search.tell([measured(search.ask()[0], None)])


def test_asking_twice_gives_the_same_proposals():
    _, search = started()
    assert search.ask() == search.ask()


def test_initialisation_mutates_the_seed_with_random_prompts_at_its_temperature():
    _, search = started("search.batch_size=64")
    proposals = search.ask()
    assert {p.operator for p in proposals} == {Operator.MUTATION}
    assert {p.parents for p in proposals} == {(SEED_ID,)}
    assert {p.temperature for p in proposals} == {0.6}
    assert len({p.prompt_id for p in proposals}) > 10
    assert len({p.seed for p in proposals}) == 64


@pytest.mark.parametrize("rule", ["search.init_networks=4", "search.init_prompts=4"])
def test_initialisation_ends_when_either_archive_holds_its_number(rule):
    _, search = started(rule)
    fill(search)
    assert {p.prompt_niche is None for p in search.ask()} == {False} or {
        p.operator for p in search.ask()
    } == {Operator.CROSSOVER}


def test_initialisation_goes_on_while_both_archives_are_short():
    _, search = started("search.init_networks=20", "search.init_prompts=30")
    fill(search)
    assert {p.parents for p in search.ask()} == {(SEED_ID,)}


def test_half_a_mutation_batch_is_curious_and_half_is_perturbed():
    _, search = started("search.init_networks=2", "search.mutation_probability=1")
    fill(search)
    curious = search.prompts.most_curious()
    proposals = search.ask()
    own = [p.temperature == search.prompts[p.prompt_niche].temperature for p in proposals]
    assert sum(own) == 6
    assert sum(p.prompt_niche == curious for p in proposals) >= 6
    spread = [abs(p.temperature - search.prompts[p.prompt_niche].temperature) for p in proposals]
    assert max(spread) <= 0.1
    elites = {elite.candidate.proposal.id for elite in search.networks.elites()}
    assert all(set(p.parents) <= elites for p in proposals)


def test_crossover_pairs_elites_with_their_nearest_neighbours():
    _, search = started(
        "search.init_networks=2", "search.mutation_probability=0", "search.batch_size=40"
    )
    fill(search)
    proposals = search.ask()
    assert len(proposals) == 40
    assert {p.temperature for p in proposals} == {0.7}
    by_id = {elite.candidate.proposal.id: elite.candidate for elite in search.networks.elites()}
    for proposal in proposals:
        first, second = (by_id[parent] for parent in proposal.parents)
        assert second in search.networks.neighbours(first, 3)
        assert (proposal.prompt_id, proposal.prompt_niche) == (None, None)


def test_crossover_credits_no_prompt():
    _, search = started("search.init_networks=2", "search.mutation_probability=0")
    fill(search)
    before = search.prompts.items(), list(search.prompts.collective_fitness)
    fill(search, 0.9)
    assert (search.prompts.items(), search.prompts.collective_fitness) == before


def test_the_operator_is_drawn_once_per_generation_or_once_per_candidate():
    rules = ("search.init_networks=2", "search.batch_size=60")
    for draw, both in (("generation", False), ("candidate", True)):
        _, search = started(*rules, f"search.operator_draw={draw}")
        fill(search)
        kinds = []
        for _ in range(6):
            kinds.append(Counter(p.operator for p in fill(search)))
        assert any(len(kind) == 2 for kind in kinds) == both
        assert len({operator for kind in kinds for operator in kind}) == 2
        assert search.generation == 8


def test_temperature_rises_with_success_and_falls_without():
    _, search = started("search.batch_size=3")
    low, equal, high = search.ask()
    search.tell([measured(low, 0.4), measured(equal, 0.5, 1), measured(high, 0.6, 2)])
    temperatures = {i.prompt_id: i.temperature for _, i in search.prompts.items()}
    assert temperatures[equal.prompt_id] == pytest.approx(0.65)
    assert temperatures[high.prompt_id] == pytest.approx(0.65)
    if low.prompt_id not in (equal.prompt_id, high.prompt_id):
        assert temperatures[low.prompt_id] == pytest.approx(0.55)


def test_collective_fitness_counts_what_beats_the_previous_generation():
    _, search = started("search.batch_size=3")
    low, equal, high = search.ask()
    search.tell([measured(low, 0.4), measured(equal, 0.5, 1), measured(high, 0.6, 2)])
    assert sum(search.prompts.collective_fitness) == 1
    assert search.prompts.collective_fitness[high.prompt_id] == 1
    assert len(search.prompts.collective_fitness) == PROMPTS


def test_the_mark_to_beat_is_the_previous_generations_best_not_the_best_ever():
    _, search = started("search.batch_size=1", seed_fitness=0.9)
    fill(search, 0.3)
    (proposal,) = fill(search, 0.4)
    assert search.prompts.collective_fitness[proposal.prompt_id] >= 1


@pytest.mark.parametrize(("fitness", "credit"), [(0.6, 1.0), (0.1, -0.5), (None, -1.0)])
def test_curiosity_of_entered_rejected_and_untrainable(fitness, credit):
    _, search = started("search.batch_size=1")
    (proposal,) = search.ask()
    search.tell([measured(proposal, fitness)])
    ((_, individual),) = search.prompts.items()
    assert individual.prompt_id == proposal.prompt_id
    assert individual.curiosity == credit


def test_a_barren_prompt_loses_its_place_as_most_curious():
    _, search = started("search.init_networks=2", "search.mutation_probability=1")
    fill(search)
    for _ in range(4):
        niche = search.prompts.most_curious()
        before = search.prompts[niche].curiosity
        search.tell([measured(p, None) for p in search.ask()])
        assert search.prompts[niche].curiosity < before


def test_known_is_the_first_told_with_a_network():
    _, search = started("search.batch_size=2")
    first, second = (measured(p, 0.6, i) for i, p in enumerate(search.ask()))
    twin = Candidate(second.proposal, first.source_sha256, second.measurement)
    search.tell([first, twin])
    assert search.known(first.source_sha256) is first
    assert search.known("nothing") is None


@pytest.mark.parametrize("status", Status)
def test_what_may_end_otherwise_another_time_is_measured_again(status):
    _, search = started("search.batch_size=2")
    first, second = search.ask()
    fitness = 0.5 if status.trainable else None
    place = {"width_to_depth": 1.0, "flops": 600.0}
    told = Candidate(first, "a network", Measurement(status, fitness, place, place))
    search.tell([told, measured(second, 0.6, 1)])
    passing = {Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED, Status.NOT_CHOSEN}
    assert (search.known("a network") is None) == (status in passing)


def test_initialisation_goes_on_until_there_is_a_prompt_to_choose():
    _, search = started("search.init_networks=1", "search.mutation_probability=1")
    assert all(proposal.parents == (SEED_ID,) for proposal in fill(search))
    assert len(search.prompts) > 0
    assert any(proposal.prompt_niche is not None for proposal in fill(search))
