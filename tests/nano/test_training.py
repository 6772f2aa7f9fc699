"""The small code model is trained: tokens, batches, and a short training from end to end."""

import dataclasses
import itertools
import json
import math
import re

import pytest
import torch
from commands import in_process, llmatic
from hypothesis import given, settings
from hypothesis import strategies as st
from lightning.pytorch.loggers import CSVLogger
from safetensors.torch import load_file
from transformers import LlamaConfig, LlamaForCausalLM

from llmatic.config import compose
from llmatic.errors import UserError
from llmatic.learning import fitting
from llmatic.learning.data import IGNORED, Plan, padded, tokens_of
from llmatic.nano import corpus
from llmatic.nano.examples import NETWORKS
from llmatic.nano.tokenizer import trained_tokenizer
from llmatic.nano.training import Course
from llmatic.nano.walks import walked
from llmatic.prompts import Catalogue

pytestmark = pytest.mark.usefixtures("one_thread")


def tiny(tokenizer):
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=1,
            num_attention_heads=1,
            tie_word_embeddings=True,
        )
    )


@pytest.fixture(scope="module")
def texts():
    catalogue = Catalogue.of(compose([]).prompts)
    some = itertools.islice(walked(catalogue, 5), 90)
    return [corpus.texts(each, {NETWORKS: catalogue}) for each in some]


@pytest.fixture(scope="module")
def tokenizer(texts):
    fixed = Catalogue.of(compose([]).prompts).fixed_words
    return trained_tokenizer((prompt + answer for prompt, answer in texts), fixed)


def test_texts_come_back_from_their_tokens(texts, tokenizer):
    for prompt, answer in texts:
        tokens = tokenizer(prompt + answer)["input_ids"]
        assert tokenizer.decode(tokens) == prompt + answer
        assert len(tokens) < len(prompt + answer) / 4


@given(st.text())
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_from_its_tokens(tokenizer, text):
    ids = tokenizer(text)["input_ids"]
    assert tokenizer.decode(ids) == text


def test_digits_stand_alone_and_what_is_fixed_is_one_piece(tokenizer):
    assert tokenizer.tokenize("128")[-3:] == ["1", "2", "8"]
    fixed = Catalogue.of(compose([]).prompts).fixed_words
    assert len(tokenizer.tokenize(fixed[0])) == 1


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=80),
    st.integers(300, 2_000),
    st.integers(1, 3),
    st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None)
def test_a_plan_has_each_example_once_in_each_pass(lengths, tokens, passes, seed):
    plan = Plan(lengths, tokens, passes, seed)
    assert plan.batches == Plan(lengths, tokens, passes, seed).batches
    seen = sorted(each for batch in plan.batches for each in batch)
    assert seen == sorted([*range(len(lengths))] * passes)
    for batch in plan.batches:
        widths = {-(-max(lengths[each] - 1, 1) // 64) for each in batch}
        assert len(widths) == 1
        assert len(batch) * 64 * widths.pop() <= max(tokens, 320)
    assert list(plan.after(1)) == plan.batches[1:]


def test_answers_are_learnt_and_prompts_as_far_as_they_count(texts, tokenizer):
    rows = tokens_of(tokenizer, texts[:3], 10_000, [1.0, 2.0, 3.0])
    batch = padded(rows, tokenizer.pad_token_id)
    both = padded(rows, tokenizer.pad_token_id, 0.5)
    for number, (row, (_, answer)) in enumerate(zip(rows, texts, strict=False)):
        asked = batch.targets[number][batch.targets[number] != IGNORED]
        assert tokenizer.decode(asked) == answer + tokenizer.eos_token
        first = row.prompt - 1
        assert set(batch.weights[number][batch.targets[number] != IGNORED].tolist()) == {number + 1}
        shown = both.targets[number, :first]
        assert shown.tolist() == row.ids[1 : row.prompt].tolist()
        assert set(both.weights[number, :first].tolist()) == {(number + 1) / 2}
        assert torch.equal(both.targets[number, first:], batch.targets[number, first:])
        assert batch.targets[number, first] == batch.ids[number, first + 1]
    longest = max(len(row.ids) for row in rows)
    kept = tokens_of(tokenizer, texts[:3], longest - 1, [1.0, 2.0, 3.0])
    assert [row.weight for row in kept] == [row.weight for row in rows if len(row.ids) < longest]


class InterruptedTrainingError(Exception):
    pass


class Interrupting(CSVLogger):
    """Fails when it is told of a step."""

    def __init__(self, folder, step):
        super().__init__(folder)
        self._step = step

    def log_metrics(self, metrics, step=None):
        if step is not None and step >= self._step:
            raise InterruptedTrainingError


def test_an_interrupted_training_ends_as_if_it_had_not_been(texts, tokenizer, tmp_path):
    tokens = tokens_of(tokenizer, texts, 10_000)
    examples, others = (
        fitting.Planned(some, Plan([len(each.ids) for each in some], 2_048, passes, 0), 1)
        for some, passes in ((tokens[10:], 2), (tokens[:10], 1))
    )
    pace = fitting.Pace(2e-3, save_every=3)

    def trained(folder, logger):
        torch.manual_seed(0)
        model = tiny(tokenizer)
        fitting.fit(model, examples, others, pace, {}, folder, logger)
        return model.state_dict()

    wanted = trained(tmp_path / "whole", False)
    with pytest.raises(InterruptedTrainingError):
        trained(tmp_path / "parts", Interrupting(tmp_path, 19))
    found = trained(tmp_path / "parts", False)
    for name, tensor in wanted.items():
        assert torch.equal(tensor, found[name]), name
    again = trained(tmp_path / "whole", Interrupting(tmp_path, 0))
    assert all(torch.equal(tensor, again[name]) for name, tensor in wanted.items())
    pace = dataclasses.replace(pace, learning_rate=1e-4)
    with pytest.raises(UserError, match="holds a training with other settings"):
        trained(tmp_path / "parts", False)


def test_an_example_counts_by_its_weight(texts, tokenizer):
    writer = fitting.Learner(tiny(tokenizer), 1, fitting.Pace(0.1))
    writer.log = lambda *_, **__: None
    losses = [
        writer.training_step(padded(tokens_of(tokenizer, texts[:1], 10_000, [weight]), 0)).item()
        for weight in (1.0, 2.0)
    ]
    assert losses[1] == pytest.approx(2 * losses[0])


def test_at_a_high_temperature_all_tokens_are_as_likely(texts, tokenizer):
    writer = fitting.Learner(tiny(tokenizer), 1, fitting.Pace(0.1, temperature=1e9))
    writer.log = lambda *_, **__: None
    loss = writer.training_step(padded(tokens_of(tokenizer, texts[:1], 10_000), 0)).item()
    assert loss == pytest.approx(math.log(len(tokenizer)))


def test_the_help_gives_the_defaults(tmp_path):
    told = " ".join(in_process(tmp_path, "train-nano", "--help").stdout.split())
    course = dataclasses.asdict(Course())
    defaults = {**course, "practice": course["practice"]["steps"]}
    said = re.findall(r"--(\w+) INTEGER[^-]*?; (\d+) unless given", told)
    assert len(said) == 6
    assert all(int(value) == defaults[option] for option, value in said)


def test_a_short_training_from_scratch_gives_a_model_that_a_search_can_use(tmp_path):
    store = f"tracking.uri=sqlite:///{tmp_path}/mlflow.db"
    course = ("--examples", "100", "--width", "64", "--layers", "1", "--practice", "0")
    folder = tmp_path / "small"
    done = llmatic(tmp_path, "train-nano", "--folder", str(folder), *course, store)
    assert f"llm.model={folder}/model" in done.stdout
    assert json.loads((folder / "model" / "config.json").read_text())[fitting.LEARNT_AT] == 0.75
    weights = load_file(folder / "model" / "model.safetensors")
    assert {each.dtype for each in weights.values()} == {torch.float16}
    asked = ("llm=nano", f"llm.model={folder}/model", "llm.max_new_tokens=8")
    brief = ("experiment=nasbench201_cifar100", "search.generations=1", "search.batch_size=1")
    llmatic(tmp_path, "search", *asked, *brief, "report.refresh_s=null", store)
