"""The small code model that ships: its files, what it writes, and that it can go on practising."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from commands import QUICK, in_process, llmatic, run_id
from safetensors import safe_open

from llmatic import parts
from llmatic.config import compose
from llmatic.genome import parse
from llmatic.llm.local import SHIPPED, load
from llmatic.nano.corpus import kept_back
from llmatic.nano.examples import NETWORKS, Example
from llmatic.nano.practice import Practice, practise, trial_settings
from llmatic.nano.trial import Figures, answers, requests
from llmatic.prompts import Catalogue

pytestmark = pytest.mark.usefixtures("one_thread")

FOLDER = SHIPPED["nano"]
MOST_BYTES = 20_000_000
SHAPE, CLASSES = (1, 8, 8), 10
PARENTS = 2


def test_it_is_small_and_holds_nothing_that_runs_code():
    files = list(FOLDER.iterdir())
    assert {each.suffix for each in files} == {".json", ".md", ".safetensors"}
    assert sum(each.stat().st_size for each in files) < MOST_BYTES
    with safe_open(FOLDER / "model.safetensors", "pt") as weights:
        kinds = {weights.get_slice(name).get_dtype() for name in weights.keys()}  # noqa: SIM118
    assert kinds == {"F16"}


def test_it_is_of_an_architecture_that_needs_no_code_of_ours():
    config = json.loads((FOLDER / "config.json").read_text())
    assert config["architectures"] == ["LlamaForCausalLM"]
    assert "auto_map" not in config


def test_most_of_what_it_writes_trains_and_little_of_it_repeats_the_parent():
    config = compose(["llm=nano"])
    catalogue = Catalogue.of(config.prompts)
    parents = kept_back()[SHAPE][:PARENTS]
    asked = list(requests(catalogue, parents, SHAPE, CLASSES, 0.6, 0, config.llm.style))
    llm = parts.writer(config, None, print)
    with parts.executors(trial_settings(SHAPE, CLASSES), print) as make, make() as executor:
        found = Figures.of(answers(llm, asked, parse, executor))
    assert found.count == PARENTS * 17
    assert found.trainable > 0.5
    assert found.obeyed > 0.4
    assert found.copied < 0.1


def test_it_learns_from_what_it_answers(tmp_path):
    config = compose(["llm=nano"])
    catalogue = Catalogue.of(config.prompts)
    source = kept_back()[SHAPE][0]
    examples = [Example(NETWORKS, "widen", (source,), source, SHAPE, CLASSES)]
    told = []
    practice = Practice(steps=1, requests=4, answers=2)
    before = [each.clone() for each in weights(config)]
    learnt = practise(
        practice, config.llm, catalogue, examples, {"seed": 0}, tmp_path, False, told.append
    )
    after = list(learnt.state_dict().values())
    assert any(not one.equal(other) for one, other in zip(before, after, strict=True))
    assert told


def weights(config):
    return load(replace(config.llm, dtype="float32")).state_dict().values()


WRITING = """
from llmatic import parts
from llmatic.config import compose
parts.writer(compose(["llm=nano"]), None, print)
"""


def test_its_threads_do_not_spin_while_networks_train():
    told = {**QUICK, "OMP_DISPLAY_ENV": "verbose"}
    command = [sys.executable, "-c", WRITING]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=True)
    assert "GOMP_SPINCOUNT = '0'" in done.stderr, done.stderr


def test_a_search_with_it_goes_through_the_command(tmp_path):
    small = ("search.generations=1", "search.batch_size=6", "trainer.epochs=1")
    run = run_id(llmatic(tmp_path, "search", "llm=nano", *small, "report.refresh_s=null"))
    status = json.loads(in_process(tmp_path, "show", run, "--json").stdout)["status"]
    assert status["ok"] > 2
    assert status.get("no_code", 0) < 2
