"""A language model learns from a finished search, and the next search uses it."""

import json
from dataclasses import replace

import pytest
import torch
from commands import in_process
from llm.tiny import make_tiny
from peft import PeftConfig
from safetensors.torch import load_file

from llmatic import launch, tracking
from llmatic.cli.learning import asked_for
from llmatic.config import compose
from llmatic.errors import UserError
from llmatic.genome.edits import OPEN, merged
from llmatic.learning import adapting
from llmatic.learning.adapting import Lesson
from llmatic.learning.data import tokens_of
from llmatic.learning.fitting import LEARNT_AT
from llmatic.llm.local import look, prompt_tokens

pytestmark = pytest.mark.usefixtures("one_thread")

TABLE = "experiment=nasbench201_cifar100"
SEARCH = (TABLE, "search.generations=4", "search.batch_size=8", "report.refresh_s=null")


def run(folder, *words, check=0):
    done = in_process(folder, *words, f"tracking.uri=sqlite:///{folder}/mlflow.db", check=check)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A folder with a finished search of the grammar, and its run id."""
    folder = tmp_path_factory.mktemp("searched")
    said = run(folder, "search", *SEARCH)
    return folder, said.partition("Search ")[2].split()[0]


@pytest.fixture(scope="module")
def journal(searched):
    folder, run_id = searched
    store = compose([f"tracking.uri=sqlite:///{folder}/mlflow.db"]).tracking
    return tracking.open_search(store, run_id, read_only=True)


@pytest.mark.parametrize("style", ["completion", "edits"])
def test_lessons_are_what_entered_the_archive_with_what_it_gained(journal, style):
    found = adapting.lessons(journal, style)
    fitness = {each.proposal.id: each.measurement.fitness for each in journal.candidates()}
    accepted = [
        outcome.candidate.proposal
        for outcome in launch.retold(journal)[1]
        if outcome.insertion is not None and outcome.candidate.proposal.parents
    ]
    assert 0 < len(accepted) < len(fitness) - 1
    for each, proposal in zip(found, accepted, strict=True):
        parents = [f"{journal.source(id).rstrip()}\n" for id in proposal.parents]
        assert each.prompt == journal.draft(proposal.id).prompt
        assert merged(each.answer, parents).rstrip() == journal.source(proposal.id).rstrip()
        gained = fitness[proposal.id] - max(fitness[id] for id in proposal.parents)
        assert each.gain == pytest.approx(gained)
    assert any(OPEN in each.answer for each in found) == (style == "edits")


def test_what_gained_more_counts_more():
    found = [Lesson("", "", gain) for gain in (-9.0, -0.1, 0.0, 0.1, 9.0)]
    weights = adapting.weighted(found)
    assert weights == sorted(weights)
    assert weights[0] == adapting.LIGHTEST
    assert weights[2] == 1.0
    assert weights[-1] > 1
    assert adapting.weighted([replace(each, gain=0.2) for each in found]) == [1.2] * 5


def asked(model):
    """A model that goes on with texts."""
    words = ["llm=transformers", "llm.style=completion", f"llm.model={model}"]
    return compose(words).llm


def test_there_must_be_something_to_learn_from(tmp_path):
    model = make_tiny(tmp_path / "tiny")
    few = [Lesson("a prompt", "an answer", 0.0)] * 3
    with pytest.raises(UserError, match="only 3 networks to learn from"):
        adapting.adapt(asked(model), few, tmp_path, False, print)
    with pytest.raises(UserError, match="only 0 networks to learn from"):
        adapting.adapt(asked(model), [], tmp_path, False, print)


def test_a_model_that_is_not_there_is_named(tmp_path):
    some = [Lesson("a prompt", "an answer", 0.0)] * 10
    with pytest.raises(UserError, match=r"llm\.model=\./nowhere: there is no such folder"):
        adapting.adapt(asked("./nowhere"), some, tmp_path, False, print)


def test_a_large_model_gets_an_adapter_of_low_rank(tmp_path, monkeypatch):
    monkeypatch.setattr(adapting, "LARGE_PARAMS", 10)
    model = make_tiny(tmp_path / "tiny")
    lessons = [Lesson(f"prompt {each}", f"answer {each}", each / 10) for each in range(10)]
    place = adapting.adapt(asked(model), lessons, tmp_path / "adapter", False, print)
    assert (place / "adapter_config.json").is_file()
    assert not (place / "config.json").exists()
    assert not list(place.glob("*.ckpt"))
    assert PeftConfig.from_pretrained(place).r == adapting.RANK
    own = replace(asked(model), adapter=str(place))
    further = adapting.adapt(own, lessons, tmp_path / "further", False, print)
    before, after = (load_file(each / "adapter_model.safetensors") for each in (place, further))
    assert before.keys() == after.keys()
    assert any(not torch.allclose(before[name], after[name]) for name in before)


def test_a_checkpoint_holds_what_learns_and_it_goes_on_from_there(tmp_path, monkeypatch):
    monkeypatch.setattr(adapting, "LARGE_PARAMS", 10)
    monkeypatch.setattr(adapting, "LAST", "another")  # so that the last is left
    llm = replace(asked(make_tiny(tmp_path / "tiny")), device="cpu")
    lessons = [Lesson(f"prompt {each}", f"answer {each}", each / 10) for each in range(10)]
    place = adapting.adapt(llm, lessons, tmp_path / "adapter", False, print)
    learnt = load_file(place / "adapter_model.safetensors")
    kept = torch.load(place / "last.ckpt", weights_only=True)["state_dict"]
    assert len(kept) == len(learnt)
    assert all("lora" in name for name in kept)
    for each in place.glob("adapter*"):
        each.unlink()
    adapting.adapt(llm, lessons, place, False, print)
    again = load_file(place / "adapter_model.safetensors")
    assert all(torch.equal(again[name], learnt[name]) for name in learnt)


def test_a_chat_model_learns_what_it_will_be_shown(tmp_path):
    model = make_tiny(tmp_path / "tiny", chat=True)
    config = replace(asked(model), style="chat")
    _, tokenizer = look(config)
    (row,) = tokens_of(tokenizer, [("a prompt", "an answer")], 1_000, None, "chat")
    (shown,) = prompt_tokens(tokenizer, "chat", ["a prompt"])
    assert row.ids[: row.prompt].tolist() == shown
    assert tokenizer.decode(row.ids[row.prompt : -1]) == "an answer"


def test_a_model_learns_from_a_search_and_the_next_one_uses_it(searched, tmp_path):
    folder, run_id = searched
    model = make_tiny(tmp_path / "tiny")
    own = ("llm=transformers", "llm.style=completion", f"llm.model={model}")
    said = run(folder, "finetune", run_id, *own)
    place = folder / "adapters" / f"{run_id}-transformers"
    assert f"{' '.join((own[0], own[2], own[1]))} llm.adapter=./adapters/{place.name}`" in said
    said = run(folder, "finetune", run_id, *own, check=2)
    assert f"adapters/{place.name}: holds a model that has learnt" in said
    before, after = (load_file(each / "model.safetensors") for each in (model, place))
    assert any((before[name].half() - after[name]).abs().max() > 1e-3 for name in before)
    brief = (*SEARCH, "llm.max_new_tokens=8", "search.generations=1", "search.batch_size=2")
    assert "niches" in run(folder, "search", *own, f"llm.adapter={place}", *brief)
    assert "cannot be loaded" in run(folder, "search", *own, f"llm.adapter={folder}", check=2)
    said = run(folder, "search", *own, "llm.adapter=./nowhere", check=2)
    assert f"llm.adapter=./nowhere: there is no such folder in {folder}" in said


def test_only_a_model_that_runs_here_can_learn(searched):
    folder, run_id = searched
    said = run(folder, "finetune", run_id, "llm=ollama", check=2)
    assert "llm=ollama: only a model that runs on this machine can learn" in said
    said = run(folder, "finetune", run_id, "llm=nano", "seed=1", check=2)
    assert "seed=1: finetune knows no settings but llm, llm.* and tracking.*" in said


def test_how_a_model_is_asked_for_again_is_said_in_full(tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text("defaults: [transformers]\nname: mine\nmodel: some/model\nrevision: abc\n")
    for words, said in (
        (["llm=nano"], "llm=nano"),
        (["llm=nano", "llm.model=./mine", "llm.tries=1"], "llm=nano llm.model=./mine llm.tries=1"),
        (["llm=transformers", "llm.model=a/b"], "llm=transformers llm.model=a/b"),
        ([f"llm={mine}"], "llm=transformers llm.model=some/model llm.revision=abc"),
    ):
        llm = compose(words).llm
        assert asked_for(llm) == said
        assert replace(compose(said.split()).llm, name=llm.name, about=llm.about) == llm


def test_what_a_model_learnt_has_a_tokenizer_of_its_own(tmp_path):
    model, learnt = make_tiny(tmp_path / "model", chat=True), make_tiny(tmp_path / "learnt")
    _, tokenizer = look(compose(["llm=transformers", f"llm.model={model}"]).llm)
    tokenizer.add_tokens(["one of its own"])
    tokenizer.save_pretrained(learnt)
    words = ["llm=transformers", f"llm.model={model}", f"llm.adapter={learnt}"]
    _, found = look(compose(words).llm)
    assert len(found.tokenize("one of its own")) == 1
    other = make_tiny(tmp_path / "other", chat=True, width=32)
    with pytest.raises(UserError, match="is made for another model"):
        look(compose([*words[:2], f"llm.adapter={other}"]).llm)


def test_a_model_goes_on_learning_at_the_temperature_at_which_it_learnt(tmp_path, monkeypatch):
    folder = make_tiny(tmp_path, chat=True)
    paces = []
    monkeypatch.setattr(adapting, "fit", lambda *given: paces.append(given[3]))
    monkeypatch.setattr(adapting, "saved", lambda model, tokenizer, place: place)
    llm = compose(["llm=transformers", f"llm.model={folder}"]).llm
    found = [Lesson("What?", f"{each}", 0.0) for each in range(adapting.FEWEST)]
    adapting.adapt(llm, found, tmp_path / "first", False, print)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, LEARNT_AT: 0.75}))
    adapting.adapt(llm, found, tmp_path / "second", False, print)
    assert [each.temperature for each in paces] == [1.0, 0.75]
