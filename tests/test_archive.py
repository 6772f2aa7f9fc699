import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmatic.archive import Archive, Axis, Niches, PromptArchive
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status

AXES = (Axis("width_to_depth", 1, 200, log=True), Axis("flops", 0, 1000))
NICHES = Niches.compute(AXES, 12, 500, seed=3)
PROMPT_NICHES = Niches.compute((Axis("prompt_id", 0, 15), Axis("temperature", 0, 1)), 12, 500, 3)


def candidate(index: int, fitness: float, ratio: float, flops: float) -> Candidate:
    proposal = Proposal(CandidateId(1, index), Operator.MUTATION, (), 0, 0.5, None, 0)
    descriptors = {"width_to_depth": ratio, "flops": flops}
    return Candidate(proposal, f"{index}", Measurement(Status.OK, fitness, descriptors))


offers = st.lists(
    st.tuples(st.floats(0, 1), st.floats(-10, 300), st.floats(-10, 2000)), min_size=1, max_size=60
)


@given(offers)
def test_best_of_each_niche_and_qd_score_never_fall(values):
    archive = Archive(NICHES)
    best: dict[int, float] = {}
    for index, (fitness, ratio, flops) in enumerate(values):
        before = archive.qd_score
        insertion = archive.add(candidate(index, fitness, ratio, flops))
        assert archive.qd_score >= before - 1e-12
        for elite in archive.elites():
            assert elite.fitness >= best.get(elite.niche, -1.0)
            best[elite.niche] = elite.fitness
        if insertion is not None:
            assert archive.qd_score == pytest.approx(before + insertion.improvement)
    assert archive.best().fitness == max(fitness for fitness, _, _ in values)
    assert archive.coverage == len(best) / 12


@given(offers)
def test_elites_do_not_depend_on_order_when_fitnesses_differ(values):
    distinct = list({fitness: (fitness, ratio, flops) for fitness, ratio, flops in values}.values())
    forwards, backwards = Archive(NICHES), Archive(NICHES)
    offered = [candidate(index, *value) for index, value in enumerate(distinct)]
    for each in offered:
        forwards.add(each)
    for each in reversed(offered):
        backwards.add(each)
    assert forwards.elites() == backwards.elites()


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_any_descriptor_has_a_niche(ratio, flops):
    point = NICHES.point({"width_to_depth": ratio, "flops": flops})
    assert ((point >= 0) & (point <= 1)).all()
    assert 0 <= NICHES.niche(point) < 12


def test_linear_and_log_axes_are_normalised_by_their_bounds():
    assert Axis("flops", 200, 600).normalise(300) == pytest.approx(0.25)
    assert Axis("flops", 1, 10_000, log=True).normalise(100) == pytest.approx(0.5)


def test_equal_fitness_does_not_displace():
    archive = Archive(NICHES)
    archive.add(candidate(0, 0.5, 10, 100))
    assert archive.add(candidate(1, 0.5, 10, 100)) is None
    insertion = archive.add(candidate(2, 0.75, 10, 100))
    assert insertion is not None
    assert insertion.displaced == CandidateId(1, 0)
    assert insertion.improvement == 0.25


def test_neighbours_are_the_nearest_other_elites():
    archive = Archive(NICHES)
    rng = np.random.default_rng(0)
    for index in range(40):
        archive.add(candidate(index, rng.random(), 1 + 199 * rng.random(), 1000 * rng.random()))
    elites = archive.elites()
    for elite in elites:
        by_distance = sorted(
            (other for other in elites if other is not elite),
            key=lambda other: np.hypot(*np.subtract(other.point, elite.point)),
        )
        nearest = [other.candidate for other in by_distance[:3]]
        assert archive.neighbours(elite.candidate, 3) == nearest
    assert len(archive.neighbours(elites[0].candidate, 500)) == len(elites) - 1


def test_sample_is_without_repeats_where_it_can_be():
    archive = Archive(NICHES)
    for index, flops in enumerate((10, 500, 990)):
        archive.add(candidate(index, 0.5, 10, flops))
    rng = np.random.default_rng(0)
    assert len({each.proposal.id for each in archive.sample(rng, 3)}) == 3
    assert len(archive.sample(rng, 10)) == 10


def test_best_of_an_empty_archive_is_an_error():
    with pytest.raises(ValueError, match="empty"):
        Archive(NICHES).best()


def test_prompts_compete_by_their_collective_fitness():
    archive = PromptArchive(PROMPT_NICHES, 16)
    archive.offer(0, 0.5, 1.0)
    niche = archive.niche(0, 0.5)
    rival = next(
        (id, t / 100)
        for id in range(1, 16)
        for t in range(1, 101)
        if archive.niche(id, t / 100) == niche
    )
    archive.offer(*rival, -1.0)
    assert archive[niche].prompt_id == 0
    archive.collective_fitness[rival[0]] += 1
    archive.offer(*rival, -1.0)
    assert archive[niche].prompt_id == rival[0]
    assert archive[niche].curiosity == -1.0


def test_credit_goes_only_to_the_prompt_that_earned_it():
    archive = PromptArchive(PROMPT_NICHES, 16)
    archive.offer(0, 0.5, 1.0)
    niche = archive.niche(0, 0.5)
    archive.credit(niche, 0, -0.5)
    archive.credit(niche, 3, 100.0)
    assert archive[niche].curiosity == 0.5


@settings(max_examples=20)
@given(st.integers(0, 2**31))
def test_most_curious_wins(seed):
    rng = np.random.default_rng(seed)
    archive = PromptArchive(PROMPT_NICHES, 16)
    for _ in range(10):
        archive.offer(int(rng.integers(16)), rng.random(), rng.random())
    top = archive[archive.most_curious()].curiosity
    assert top == max(individual.curiosity for _, individual in archive.items())
    assert archive.sample(rng) in dict(archive.items())
