"""Which trainings are stopped early."""

import dataclasses
import pickle

import numpy as np
import pytest
from core import small_config

from llmatic.archive import Archive, Axis, Niches
from llmatic.config import ConfigError, PrunerConfig, compose
from llmatic.pruning import Pruning
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.search import Search, compute_niches

EPOCHS = 10
LEFT, RIGHT = {"x": 0.1, "y": 0.5}, {"x": 0.9, "y": 0.5}
RISING = tuple(epoch / EPOCHS for epoch in range(1, EPOCHS + 1))


def candidate(index, curve, place=LEFT, status=Status.OK, twin=None):
    proposal = Proposal(CandidateId(1, index), Operator.MUTATION, (), 0, 0.6, None, index)
    measurement = Measurement(
        status,
        curve[-1] if status is Status.OK else None,
        place if status is Status.OK else {},
        curves={"val_accuracy": curve},
    )
    return Candidate(proposal, f"sha{index}", measurement, twin)


def archive(*candidates):
    axes = [Axis("x", 0, 1), Axis("y", 0, 1)]
    found = Archive(Niches(axes, np.array([[0.1, 0.5], [0.9, 0.5]])))
    for each in candidates:
        if each.measurement.status.trainable:
            found.add(each)
    return found


def pruner(name, *told, place=0, **settings):
    pruning = Pruning(PrunerConfig(name, **settings), EPOCHS)
    pruning.learn(told)
    return pruning.pruner(archive(*told), place)


def stopped_after(judge, curve):
    """The epoch after which a training is stopped; None if it is not."""
    for epoch in range(1, len(curve) + 1):
        if judge(curve[:epoch]):
            return epoch
    return None


def test_without_a_pruner_nothing_is_stopped():
    assert pruner("none", candidate(0, RISING)) is None


def test_an_elite_is_the_rival_of_its_own_niche():
    rules = pruner("elite", candidate(0, RISING))
    low = (0.05,) * EPOCHS
    assert stopped_after(rules.judge(LEFT), low) == 5  # half of the epochs
    assert stopped_after(rules.judge(RIGHT), low) is None  # the niche is empty
    assert stopped_after(rules.judge(LEFT), RISING) is None


def test_a_network_that_falls_behind_is_stopped_there():
    rules = pruner("elite", candidate(0, RISING))
    assert stopped_after(rules.judge(LEFT), (*RISING[:7], 0.1, 0.1, 0.1)) == 8


def test_a_network_that_was_better_once_goes_on():
    rules = pruner("elite", candidate(0, (0.5,) * EPOCHS))
    assert stopped_after(rules.judge(LEFT), (0.6, *(0.1,) * 9)) is None


def test_the_elite_that_displaced_another_is_the_rival():
    slow, quick = (0.4,) * EPOCHS, (*(0.1,) * 9, 0.9)
    rules = pruner("elite", candidate(0, slow), candidate(1, quick))
    assert stopped_after(rules.judge(LEFT), (0.3,) * (EPOCHS - 1)) is None


@pytest.mark.parametrize("name", ["elite", "median", "successive_halving"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_nothing_is_stopped_before_its_warmup(name, share):
    told = [candidate(index, (0.9,) * EPOCHS) for index in range(9)]
    rules = pruner(name, *told, warmup_share=share)
    assert stopped_after(rules.judge(LEFT), (0.1,) * EPOCHS) == share * EPOCHS


def test_hyperband_has_several_brackets_in_one_generation():
    told = [candidate(index, (0.9,) * EPOCHS) for index in range(30)]
    ends = {
        stopped_after(
            pruner("hyperband", *told, place=place, warmup_share=0.3).judge(LEFT), (0.1,) * EPOCHS
        )
        for place in range(12)
    }
    assert len(ends) > 1


@pytest.mark.parametrize("name", ["median", "successive_halving", "hyperband"])
def test_optunas_pruners_stop_what_is_far_below_the_others(name):
    told = [candidate(index, tuple(x * 0.9 for x in RISING)) for index in range(9)]
    rules = pruner(name, *told, warmup_share=0.3)
    assert stopped_after(rules.judge(RIGHT), (0.01,) * EPOCHS) is not None
    assert stopped_after(rules.judge(RIGHT), RISING) is None


@pytest.mark.parametrize("name", ["elite", "median", "successive_halving", "hyperband"])
def test_networks_beside_each_other_do_not_matter(name):
    told = [candidate(index, RISING) for index in range(9)]
    rules = pruner(name, *told)
    curve = tuple(x * 0.8 for x in RISING)
    alone = stopped_after(rules.judge(LEFT), curve)
    for _ in range(5):
        stopped_after(rules.judge(LEFT), (1.0,) * EPOCHS)
    assert stopped_after(rules.judge(LEFT), curve) == alone
    sent = pickle.loads(pickle.dumps(rules))  # to another machine
    assert stopped_after(sent.judge(LEFT), curve) == alone


def test_what_was_stopped_counts_as_far_as_it_came():
    pruned = candidate(0, RISING[:5], status=Status.PRUNED)
    assert pruner("elite", pruned).judge(LEFT)((0.0,) * 6) is False
    assert pruner("median", *[pruned] * 9).judge(LEFT)((0.0,) * 5) is False


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (["pruner=elites"], "elite"),
        (["pruner=elite", "pruner.warmup_share=0"], "pruner.warmup_share=0"),
        (["pruner=median", "trainer.epochs=401"], "trainer.epochs is more than 400"),
        (["pruner=median", "experiment=nasbench201_cifar10"], "none where networks are looked up"),
    ],
)
def test_settings_that_cannot_be_are_named(overrides, says):
    with pytest.raises(ConfigError, match=says):
        compose(overrides)


def test_a_stopped_network_is_no_elite_and_a_rejected_one_for_curiosity():
    config = small_config("search.batch_size=2")
    search = Search(config, compute_niches(config, 16), 16)
    (seed,) = search.ask()
    place = {"width_to_depth": 3.0, "flops": 5e3}
    search.tell([Candidate(seed, "seed", Measurement(Status.OK, 0.5, place))])
    first, second = search.ask()
    stopped = Measurement(Status.PRUNED, curves={"val_accuracy": (0.1,)})
    crashed = Measurement(Status.CRASHED)
    outcomes = search.tell([Candidate(first, "a", stopped), Candidate(second, "b", crashed)])
    assert [each.insertion for each in outcomes] == [None, None]
    assert len(search.networks) == 1
    assert search.known("a") is not None
    assert search.known("b") is None
    curiosities = {each.curiosity for _, each in search.prompts.items()}
    assert (
        curiosities
        == {
            config.search.curiosity_rejected,
            config.search.curiosity_untrainable,
        }
        or len({first.prompt_id, second.prompt_id}) == 1
    )


def test_what_is_kept_of_a_measurement_is_bounded():
    long = Measurement(Status.OK, curves={"val_accuracy": (0.123456,) * 401})
    short = dataclasses.replace(long, curves={"val_accuracy": (0.123456,), "train_loss": (1.0,)})
    assert long.kept.curves == {}
    assert short.kept.curves == {"val_accuracy": (0.1235,)}
    assert short.kept.kept == short.kept
