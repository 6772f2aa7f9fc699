from pathlib import Path

import pytest
from omegaconf import OmegaConf

from llmatic.config import (
    ConfigError,
    LocalConfig,
    RayConfig,
    compose,
    from_yaml,
    override,
    to_yaml,
)
from llmatic.prompts import Catalogue
from llmatic.stored import parameters, public, resumable

CONF = Path(__file__).parent.parent / "conf"
CUSTOM = [
    "dataset=custom",
    "dataset.datamodule=mine.Data",
    "dataset.input_shape=[3,9,9]",
    "dataset.classes=3",
]
NEEDS = {
    "image_folder": ["dataset.root=images", "dataset.classes=3"],
    "custom": CUSTOM,
    "nasbench201_cifar10": ["evaluator=nasbench201"],
    "nasbench201_cifar100": ["evaluator=nasbench201"],
    "nasbench201_imagenet16_120": ["evaluator=nasbench201"],
}


@pytest.mark.parametrize("dataset", sorted(path.stem for path in (CONF / "dataset").glob("*.yaml")))
def test_every_dataset_composes(dataset):
    config = compose([f"dataset={dataset}", *NEEDS.get(dataset, [])])
    assert config.dataset.name == dataset


def test_yaml_round_trip():
    config = compose(["experiment=paper_cifar10", "seed=7"])
    assert from_yaml(to_yaml(config)) == config


def test_the_papers_constants():
    """Nasir et al. 2024, Sec. 4 and Alg. 1."""
    config = compose(["experiment=paper_cifar10"])
    search, trainer, dataset = config.search, config.trainer, config.dataset
    assert (search.generations, search.batch_size, search.niches) == (20, 100, 100)
    assert (search.init_networks, search.init_temperature) == (10, 0.6)
    assert (search.mutation_probability, search.crossover_temperature) == (0.7, 0.7)
    assert (search.temperature_step, search.temperature_perturbation) == (0.05, 0.1)
    assert (search.crossover_elites, search.crossover_neighbours) == (10, [2, 3])
    assert (
        search.curiosity_entered,
        search.curiosity_rejected,
        search.curiosity_untrainable,
    ) == (1.0, -0.5, -1.0)
    assert (trainer.epochs, trainer.learning_rate, trainer.momentum) == (50, 0.001, 0.9)
    assert (dataset.width_to_depth.low, dataset.width_to_depth.high) == (0, 200)
    assert (dataset.flops.low, dataset.flops.high) == (2e8, 5e9)
    assert dataset.batch_size == 128
    assert config.evaluator.fitness == "test"


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (["search.generation=3"], "did you mean search.generations"),
        (["generations=3"], "did you mean search.generations"),
        (["dataset=cifar"], "did you mean cifar10 or cifar100"),
        (["datset=digits"], "did you mean dataset"),
        (["search.generations=x"], "search.generations=x: .*integer"),
        (["search.generations=0"], "search.generations=0: must be at least 1"),
        (["trainer.schedule=cosin"], "must be one of constant, cosine, one_cycle"),
        (["trainer.precision=16"], "trainer.precision"),
        (["trainer.compile=true"], "trainer.compile=True: must be false .*sandbox=none"),
        (["search.crossover_neighbours=[]"], "crossover_neighbours"),
        (
            ["dataset.flops.low=9e9"],
            "dataset.flops.low=9000000000.0: must be below dataset.flops.high",
        ),
        (["dataset=image_folder"], "dataset.root"),
        (["seed=-1"], "seed=-1: must be at least 0"),
        (["foo"], "expected KEY=VALUE"),
        (["search.batch_size=[1"], "search.batch_size"),
        (["executor.gpus=1"], "executor.gpus: no such setting"),
        (["executor=ray", "executor.address=ray://host"], "must be HOST:PORT, auto or null"),
        (["executor.slots=two"], "^executor.slots=two: .*integer"),
        (["executor=ray", "executor.slots=0"], "executor.slots=0: must be at least 1 or null"),
        (["executor=ray", "executor.slot=1"], "did you mean executor.slots"),
    ],
)
def test_a_wrong_override_is_named_with_what_would_be_right(overrides, says):
    with pytest.raises(ConfigError, match=says) as caught:
        compose(overrides)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("precision", ["auto", "fp32", "bf16"])
def test_every_precision_can_be_asked_for(precision):
    assert compose([f"trainer.precision={precision}"]).trainer.precision == precision


def test_options_of_a_users_own_datamodule_are_free():
    config = compose([*CUSTOM, "dataset.options.folds=3"])
    assert config.dataset.options == {"folds": 3}
    config = compose([*CUSTOM, "dataset.options={folds: 4}"])
    assert config.dataset.options == {"folds": 4}


def test_the_store_may_come_from_the_environment(monkeypatch):
    assert compose().tracking.uri == "sqlite:///mlruns/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:${x}@server:5000/?a=[b]")
    config = compose()
    assert config.tracking.uri == "http://me:${x}@server:5000/?a=[b]"
    assert compose(["tracking.uri=http://other"]).tracking.uri == "http://other"
    kept = to_yaml(public(config)) + str(parameters(config))
    assert "server" not in kept
    assert "MLFLOW" not in kept


def test_only_what_leaves_the_past_alone_can_change_later():
    config = compose()
    longer = override(config, ["search.generations=30"], ["search.generations", "executor."])
    assert longer.search.generations == 30
    with pytest.raises(
        ConfigError,
        match=r"seed=3: cannot be .*; can be: search.generations, executor\.\*, and tracking",
    ):
        override(config, ["seed=3"], ["search.generations", "executor."])
    with pytest.raises(ConfigError, match="did you mean"):
        override(config, ["search.generatons=3"], ["search.generations"])


def test_a_search_can_move_to_another_executor():
    config = compose(["executor.slots=3", "trainer.threads=2"])
    moved = override(config, ["executor=ray", "executor.address=head:6379"], ["executor."])
    assert moved.executor == RayConfig("ray", "head:6379", slots=None, cpus=2, gpus=0, wait_s=600)
    assert from_yaml(to_yaml(moved)) == moved
    with pytest.raises(ConfigError, match=r"no file of your own can .*; choose one of local, ray"):
        override(config, ["executor=mine.yaml"], ["executor."])
    back = override(moved, ["executor=local", "executor.slots=1"], ["executor."])
    assert back.executor == LocalConfig("local", 1)
    with pytest.raises(ConfigError, match="no such choice"):
        override(config, ["executor=slurm"], ["executor."])
    with pytest.raises(ConfigError, match="cannot be changed"):
        override(config, ["executor=ray"], ["report."])


def test_what_made_a_search_what_it_is_never_changes():
    """All that can: how long it is, where it runs, where its files are."""
    can = {
        *("search.generations", "dataset.root", "sandbox.name", "evaluator.timeout_s"),
        *(f"search.budget.{name}" for name in ("evaluations", "hours", "tokens", "usd")),
        *(f"trainer.{name}" for name in ("threads", "accelerator", "devices", "strategy")),
        *("report.refresh_s", "executor.name", "executor.slots"),
    }
    where = {
        "grammar": set(),
        "transformers": {"device", "dtype", "batch_size"},
        "openai": {"base_url", "api_key_env", "concurrency", "timeout_s", "retries"},
    }
    for writer, more in where.items():
        chosen = ["llm.model=m"] if writer != "grammar" else []
        config = compose([f"llm={writer}", *chosen])
        allowed = set()
        for key, value in parameters(config).items():
            said = ""
            try:
                override(config, [f"{key}={value}"], resumable(config))
            except ConfigError as error:
                said = str(error)
            if "cannot be changed here" not in said:
                allowed.add(key)
        assert allowed == can | {f"llm.{name}" for name in more}


def test_data_can_move_but_not_change():
    config = compose(["dataset=mnist"])
    assert config.dataset.arguments == {"root": "data", "val_share": 0.1, "seed": 0}
    moved = override(config, ["dataset.root=/elsewhere"], resumable(config))
    assert moved.dataset.arguments["root"] == "/elsewhere"
    for split in ("val_share=0.5", "seed=1"):
        with pytest.raises(ConfigError, match="cannot be changed here"):
            override(config, [f"dataset.options.{split}"], resumable(config))
    with pytest.raises(ConfigError, match=r"options.root=/x: must be given as dataset.root"):
        compose(["dataset=mnist", "dataset.options.root=/x"])
    assert compose([*CUSTOM, "dataset.root=/here"]).dataset.arguments == {"root": "/here"}


def test_a_search_of_before_finds_its_data_and_can_move_it():
    """When where a data set is was among its options."""
    config = compose(["dataset=mnist", "dataset.root=/there"])
    old = OmegaConf.create(to_yaml(config))
    old.dataset.options.root = "/there"
    assert from_yaml(OmegaConf.to_yaml(old)) == config
    with pytest.raises(ConfigError):
        from_yaml("dataset: {name: mnist}")
    old.dataset.root = "/elsewhere"  # what was read then was what the options said
    assert from_yaml(OmegaConf.to_yaml(old)) == config


def test_prompts_of_ones_own_add_and_leave_out(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("defaults: [paper]\nmutations:\n  attend: Attend.\n  add_recurrent: null\n")
    catalogue = Catalogue.of(compose([f"prompts={file}", "prompts.crossover=Mix."]).prompts)
    keys = [prompt.key for prompt in catalogue.mutations]
    assert len(keys) == 16
    assert keys[-1] == "attend"
    assert "add_recurrent" not in keys
    assert catalogue.crossover.request == "Mix."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mutations:\n  a: Add: it.\n", r"mine\.yaml, line 2, column 9: .*needs quotes"),
        ("defaults: [paper]\nmutations: {add_recurent: null}\n", "did you mean add_recurrent"),
        ("mutations: {a: Add., b: Be.}\n", r"prompts\.crossover: must be given; .*defaults"),
        ("defaults: [paper]\ncrosover: Mix.\n", "did you mean crossover"),
        ("defaults: [paper]\nmutations: {Up: Go.}\n", "small letters"),
    ],
)
def test_a_mistake_in_ones_own_file_is_explained(tmp_path, text, says):
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        compose([f"prompts={file}"])
    assert "\n" not in str(caught.value)


def test_an_ensemble_and_its_prices(tmp_path):
    file = tmp_path / "two.yaml"
    file.write_text(
        "defaults: [vllm]\nmodel: null\nensemble:\n"
        "  - {name: a, weight: 3, usd_per_million_tokens_in: 1}\n  - {name: b}\n"
    )
    config = compose([f"llm={file}", "search.budget.usd=5"])
    assert [(model.name, model.weight) for model in config.llm.models] == [("a", 3), ("b", 1)]
    assert from_yaml(to_yaml(config)) == config
    with pytest.raises(ConfigError, match=r"search\.budget\.usd=5.*no prices are configured"):
        compose(["llm=vllm", "search.budget.usd=5"])


@pytest.mark.parametrize("name", sorted(file.stem for file in (CONF / "llm").glob("*.yaml")))
def test_every_preset_composes(name):
    needed = {"transformers": ["llm.model=m"], "openai": ["llm.model=m"], "replay": ["llm.run=r"]}
    config = compose([f"llm={name}", *needed.get(name, [])])
    assert config.llm.name == name
    assert from_yaml(to_yaml(config)) == config


@pytest.mark.parametrize("run", ["34361858", "12e45678", "0012", "1_000", "3f2a"])
def test_a_run_id_that_looks_like_a_number_is_none(run):
    config = compose(["llm=replay", f"llm.run={run}", f"name={run}"])
    assert (config.llm.run, config.name) == (run, run)
    assert from_yaml(to_yaml(config)) == config
    model = compose(["llm=transformers", "llm.model=m"])
    assert override(model, [f"llm.revision={run}"], ["llm."]).llm.revision == run
    with pytest.raises(ConfigError, match=f"^name={run}: cannot be changed"):
        override(config, [f"name={run}"], ["llm."])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("++trainer.epoch=3", r"\+\+trainer.epoch: no such setting \(did you mean trainer.epochs"),
        ("+search.foo=1", r"\+search.foo: no such setting"),
        ("trainer.epoch=3", r"trainer.epoch: no such setting \(did you mean trainer.epochs"),
        ("~seed", r"'~seed': expected KEY=VALUE \(did you mean seed"),
    ],
)
def test_a_setting_that_there_is_not_is_not_made(wrong, says):
    with pytest.raises(ConfigError, match=says):
        compose([wrong])
