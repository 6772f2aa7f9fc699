"""Tuning a recipe: what is proposed, stopped and kept. No network is trained."""

import itertools
from dataclasses import replace

import optuna
import pytest
from deliveries import CANDIDATE, FakeJournal, config_in, fake_prepared, runs
from hypothesis import given, settings
from hypothesis import strategies as st

from llmatic import launch, parts, refining
from llmatic.config import compose
from llmatic.finding import NetworkError
from llmatic.records import Measurement, Status
from llmatic.refining.recipes import searched_recipe
from llmatic.refining.suggesting import Space, Suggester
from llmatic.refining.tried import Tried, best_of
from llmatic.tracking.store import connect

pytestmark = pytest.mark.filterwarnings("ignore:(?s).*[Tt]ype hint")  # MLflow's, at its import
EPOCHS = 6
DIGITS = compose(())
PAPER = compose(("experiment=paper_cifar10",))
TRIALS = 16
"""More than those at random that TPE begins with."""


def fake_accuracy(recipe):
    """A fixed function of a recipe, in (0, 1)."""
    return 0.9 - abs(recipe["learning_rate"] - 0.02) - recipe["label_smoothing"]


def fake_train_on(data, config, source, observe, pruner):
    """Trains by the function above; large steps diverge in the third epoch."""
    recipe = searched_recipe(config)
    assert data.batch_size == recipe["batch_size"]
    for epoch in range(1, EPOCHS + 1):
        if epoch == 3 and recipe["learning_rate"] > 0.15:
            return Measurement(Status.DIVERGED, error="the loss was nan in epoch 3")
        observe(epoch, fake_accuracy(recipe) * epoch / EPOCHS)
        if epoch < EPOCHS and pruner.judge({})(pruner.values):
            return Measurement(Status.PRUNED, error=f"stopped after epoch {epoch}")
    return Measurement(Status.OK, metrics={})


@pytest.fixture
def tune(tmp_path, monkeypatch):
    """A tuning in a store of its own, with what it told."""
    monkeypatch.setattr(parts, "prepared", fake_prepared)
    monkeypatch.setattr(launch, "train_on", fake_train_on)

    def run(trials, *overrides, folder=tmp_path):
        config = config_in(folder, f"trainer.epochs={EPOCHS}", *overrides)
        told = []
        found = refining.tune(
            config.tracking, FakeJournal(), CANDIDATE, config, trials, told.append
        )
        return found, told

    run.store = config_in(tmp_path).tracking
    return run


def trials_of(store, run_id):
    found = runs(connect(store.uri), f"tags.mlflow.parentRunId = '{run_id}'")
    return sorted(found, key=lambda each: int(each.info.run_name.removeprefix("trial ")))


def kept(store, run_id):
    """Recipe, status and metrics of every trial."""
    return [
        (each.data.params, each.data.tags["status"], each.data.metrics)
        for each in trials_of(store, run_id)
    ]


def tell(suggestion, values):
    """Train by a suggestion, as `tune` does; the epoch after which it is stopped, if it is."""
    is_hopeless = suggestion.judge({})
    for epoch, value in enumerate(values, 1):
        suggestion.observe(epoch, value)
        if epoch < len(values) and is_hopeless(suggestion.values):
            suggestion.tell(done=False)
            return epoch
    suggestion.tell(done=True)
    return None


def suggested(suggester):
    """One suggestion after the other."""
    return map(suggester.suggest, itertools.count())


recipes = st.fixed_dictionaries(
    {
        # whatever settings allow; no network trains with an infinite rate or decay
        "learning_rate": st.floats(0, exclude_min=True, allow_infinity=False),
        "momentum": st.floats(0, 1, exclude_max=True),
        "weight_decay": st.just(0.0) | st.floats(0, allow_infinity=False),
        "schedule": st.sampled_from(["constant", "cosine", "one_cycle"]),
        "label_smoothing": st.floats(0, 1, exclude_max=True),
        "augmentation": st.sampled_from(["none", "shift", "shift_flip"]),
        "batch_size": st.integers(1, 10_000),
    }
)


@given(recipes)
@settings(deadline=None)
def test_the_searchs_own_recipe_is_proposed_first(recipe):
    config = refining.with_recipe(DIGITS, recipe)
    assert searched_recipe(config) == recipe
    for seed in (0, 2**40):
        assert Suggester(searched_recipe(config), EPOCHS, seed).suggest(0).recipe == recipe


@pytest.mark.parametrize("config", [DIGITS, PAPER], ids=["digits", "paper"])
def test_what_is_proposed_comes_back_from_where_it_stands(config):
    space, suggester = Space(searched_recipe(config)), Suggester(searched_recipe(config), EPOCHS, 3)
    for suggestion in itertools.islice(suggested(suggester), TRIALS):
        assert space.recipe(space.place(suggestion.recipe)) == suggestion.recipe
        refining.with_recipe(config, suggestion.recipe)  # settings allow it
        tell(suggestion, [fake_accuracy(suggestion.recipe)] * EPOCHS)


def test_a_search_without_weight_decay_may_stay_without():
    space = Space(searched_recipe(PAPER))
    lowest = space.distributions["weight_decay"].low
    assert space.recipe({"weight_decay": lowest})["weight_decay"] == 0
    assert space.recipe({"weight_decay": 2 * lowest})["weight_decay"] == 2 * lowest


@pytest.mark.parametrize("epochs", [1, 5, 10])
def test_what_falls_below_the_median_is_stopped_from_half_on(epochs):
    suggestions = suggested(Suggester(searched_recipe(DIGITS), epochs, 0))
    falling = [0.4 - epoch / 100 for epoch in range(epochs)]
    assert tell(next(suggestions), falling) is None
    for value in (0.7, 0.8, 0.9):
        assert tell(next(suggestions), [value] * epochs) is None
    stopped = tell(next(suggestions), falling)
    assert stopped == (None if epochs == 1 else epochs // 2)


def test_what_was_better_before_is_not_stopped_for_having_fallen():
    suggestions = suggested(Suggester(searched_recipe(DIGITS), 10, 0))
    for value in (0.6, 0.7, 0.8):
        assert tell(next(suggestions), [value] * 10) is None
    assert tell(next(suggestions), [0.75] + [0.1] * 9) is None


def test_a_stopped_or_failed_trial_stops_no_other():
    suggestions = suggested(Suggester(searched_recipe(DIGITS), 10, 0))
    for suggestion in itertools.islice(suggestions, 5):
        suggestion.observe(1, 0.9)
        suggestion.tell(done=False)
    assert tell(next(suggestions), [0.1] * 10) is None


def test_recipes_that_fail_are_avoided():
    suggester, rates = Suggester(searched_recipe(DIGITS), 1, 0), []
    for suggestion in itertools.islice(suggested(suggester), 40):
        rates.append(suggestion.recipe["learning_rate"])
        tell(suggestion, [0.5]) if rates[-1] < 0.03 else suggestion.tell(done=False)
    assert sum(rate < 0.03 for rate in rates[-20:]) >= 15  # at random: 9


def test_optunas_log_is_as_it_was():
    before = optuna.logging.get_verbosity()
    Suggester(searched_recipe(DIGITS), EPOCHS, 0)
    assert optuna.logging.get_verbosity() == before


def test_trials_are_runs_with_their_recipes_and_ends(tune):
    found, told = tune(TRIALS, "trainer.learning_rate=0.2")
    trials = trials_of(tune.store, found.run_id)
    assert len(trials) == len(told) == found.trials == found.new_trials == TRIALS
    assert {name: float(trials[0].data.params[name]) for name in ("learning_rate", "momentum")} == {
        "learning_rate": 0.2,
        "momentum": 0.9,
    }
    statuses = [each.data.tags["status"] for each in trials]
    assert set(statuses) == {"ok", "pruned", "diverged"}
    assert (statuses.count("pruned"), statuses.count("diverged")) == (found.pruned, found.failed)
    for run, line in zip(trials, told, strict=True):
        accuracy = run.data.metrics["val_accuracy"]
        match run.data.tags["status"]:
            case "ok":
                assert line.endswith(f": {accuracy:.4f}")
            case "pruned":
                assert ": stopped after epoch " in line
            case _:
                assert run.data.tags["error"] == "the loss was nan in epoch 3"
                assert line.endswith(
                    ": failed: diverged: the loss is not finite (the loss was nan in epoch 3)"
                )
    assert found.searched_val_accuracy is None
    assert found.val_accuracy == pytest.approx(fake_accuracy(found.recipe))
    won = trials[found.trial - 1]
    assert won.data.params == {name: str(value) for name, value in found.recipe.items()}
    done = [run.data.metrics["val_accuracy"] for run in trials if run.data.tags["status"] == "ok"]
    assert found.val_accuracy == max(done)
    plots = {each.path for each in connect(tune.store.uri).list_artifacts(found.run_id)}
    assert {"history.png", "importances.png"} <= plots


def test_an_interrupted_tuning_proposes_what_it_would_have_proposed(tune, tmp_path, monkeypatch):
    whole, told = tune(TRIALS, folder=tmp_path / "whole")
    count = 0

    def interrupted(*arguments):
        nonlocal count
        count += 1
        if count in (5, 14):
            raise KeyboardInterrupt
        return fake_train_on(*arguments)

    monkeypatch.setattr(launch, "train_on", interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            tune(TRIALS)
    parts, last = tune(TRIALS)
    assert last == told[-len(last) :]
    assert (parts.new_trials, parts.trials) == (len(last), TRIALS)
    of_whole = kept(config_in(tmp_path / "whole").tracking, whole.run_id)
    assert kept(tune.store, parts.run_id) == of_whole
    assert {"ok", "pruned", "diverged"} == {status for _, status, _ in of_whole}
    assert replace(parts, run_id="", new_trials=0) == replace(whole, run_id="", new_trials=0)


def test_a_trial_has_the_time_that_its_batches_take(tune, monkeypatch):
    given_s = {}

    def noted(data, config, *watching):
        given_s[data.batch_size] = config.evaluator.timeout_s
        return fake_train_on(data, config, *watching)

    monkeypatch.setattr(launch, "train_on", noted)
    tune(10, "evaluator.timeout_s=7", "dataset.batch_size=64")
    assert len(given_s) == 4
    assert given_s == {size: 7 * max(1, 64 / size) for size in given_s}


def test_the_best_recipe_is_found_again(tune):
    assert refining.tuned_recipe(tune.store, FakeJournal(), CANDIDATE) is None
    found, _ = tune(6)
    assert refining.tuned_recipe(tune.store, FakeJournal(), CANDIDATE) == found.recipe
    assert refining.tuned_recipe(tune.store, FakeJournal(), "1-1") is None


def test_what_no_recipe_trains_is_said_with_the_reason(tune, monkeypatch):
    late = Measurement(Status.TIMED_OUT, error="not finished after 60 s")
    monkeypatch.setattr(launch, "train_on", lambda *_: late)
    with pytest.raises(NetworkError, match=r"no recipe.*timed out \(not finished after"):
        tune(2)
    assert refining.tuned_recipe(tune.store, FakeJournal(), CANDIDATE) is None


def delete_trial(store, run_id, number):
    (run,) = (each for each in trials_of(store, run_id) if each.info.run_name == f"trial {number}")
    connect(store.uri).delete_run(run.info.run_id)


def test_a_trial_that_somebody_deleted_takes_no_other_with_it(tune):
    found, _ = tune(5)
    before = trials_of(tune.store, found.run_id)
    delete_trial(tune.store, found.run_id, 3)
    again, told = tune(5)
    assert (again.trials, again.new_trials, len(told)) == (5, 1, 1)
    assert told[0].startswith("trial 3/5: ")
    after = trials_of(tune.store, found.run_id)
    assert [each.info.run_name for each in after] == [f"trial {n}" for n in range(1, 6)]
    kept_ids = {each.info.run_id for each in before} & {each.info.run_id for each in after}
    assert len(kept_ids) == 4


def test_no_tuning_is_without_the_searchs_own_recipe(tune):
    found, _ = tune(3)
    delete_trial(tune.store, found.run_id, 1)
    again, (told,) = tune(2)
    assert (again.trials, again.new_trials, told[:8]) == (3, 1, "trial 1/")
    assert again.searched_val_accuracy == found.searched_val_accuracy


@pytest.mark.parametrize("status", [Status.TIMED_OUT, Status.OUT_OF_MEMORY, Status.CRASHED])
def test_what_may_pass_is_tried_again_when_the_tuning_is_started_again(tune, monkeypatch, status):
    with monkeypatch.context() as busy:
        busy.setattr(launch, "train_on", lambda *_: Measurement(status, error="a busy machine"))
        with pytest.raises(NetworkError, match="no recipe trains it"):
            tune(2)
    found, told = tune(3)
    assert [each[:9] for each in told] == ["trial 1/3", "trial 2/3", "trial 3/3"]
    assert (found.trials, found.new_trials) == (3, 3)
    assert found.searched_val_accuracy is not None
    statuses = [each.data.tags["status"] for each in trials_of(tune.store, found.run_id)]
    assert statuses == ["ok", "ok", "diverged"]  # the last, which does not pass, is left
    assert tune(3)[0].new_trials == 0


def test_what_is_tried_again_has_the_same_recipe(tune, monkeypatch):
    def busy(data, config, *watching):
        late = Measurement(Status.TIMED_OUT, error="not finished after 60 s")
        return late if config.trainer.momentum != 0.9 else fake_train_on(data, config, *watching)

    with monkeypatch.context() as patched:
        patched.setattr(launch, "train_on", busy)
        found, _ = tune(3)
    assert (found.trial, found.failed) == (1, 2)
    recipes = [each.data.params for each in trials_of(tune.store, found.run_id)]
    again, _ = tune(3)
    assert again.new_trials == 2
    assert [each.data.params for each in trials_of(tune.store, found.run_id)] == recipes


def test_a_look_for_a_recipe_makes_no_experiment(tune):
    client = connect(tune.store.uri)
    before = len(client.search_experiments())
    assert refining.tuned_recipe(tune.store, FakeJournal(), CANDIDATE) is None
    assert len(client.search_experiments()) == before


def test_a_tuning_of_other_epochs_is_not_gone_on_with(tune):
    tune(1)
    with pytest.raises(
        NetworkError, match=f"tuned with {EPOCHS} epochs .* go on with --epochs {EPOCHS}"
    ):
        tune(2, "trainer.epochs=7")
    (parent,) = runs(connect(tune.store.uri), "params.candidate != ''")
    assert parent.info.status == "FINISHED"
    assert f"[{CANDIDATE}](#/candidate)" in parent.data.tags["mlflow.note.content"]
    assert parent.data.metrics["best_trial"] == 1


def test_trials_are_read_as_they_were_kept():
    for status, error in ((Status.OK, None), (Status.DIVERGED, "nan in epoch 2")):
        tried = Tried({"momentum": 0.9}, 2, [0.1, 0.2], status, error)
        assert Tried.from_json(tried.to_json()) == tried


def test_the_first_of_equals_is_the_best():
    def tried(value, status=Status.OK):
        return Tried({}, 1, [value], status, None)

    some = {7: tried(0.2), 0: tried(0.9, Status.PRUNED), 1: tried(0.1), 2: tried(0.2)}
    assert best_of(some) == 2
    assert best_of({0: tried(0.9, Status.DIVERGED)}) is None
    assert best_of({}) is None
