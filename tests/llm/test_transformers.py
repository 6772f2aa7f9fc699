"""Real transformers, tiny: made here, loaded as any other model is."""

import pytest
import torch
from llm.conformance import SEED, LLMConformance, answer, answers, request
from llm.tiny import make_tiny
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from llmatic.config import compose
from llmatic.genome.edits import CLOSE, MIDDLE, OPEN, merged
from llmatic.llm import LLMError
from llmatic.llm.sampling import FoundEdits, choose
from llmatic.llm.transformers import TransformersLLM

pytestmark = pytest.mark.usefixtures("one_thread")

STYLE = "llm.style=completion"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return make_tiny(tmp_path_factory.mktemp("tiny"))


def load(folder, *overrides, say=print):
    settings = ("llm.max_new_tokens=40", STYLE, *overrides)
    config = compose(["llm=transformers", f"llm.model={folder}", *settings]).llm
    return TransformersLLM(config, say)


class TestCompletion(LLMConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def llm(cls, tiny):
        return load(tiny, "llm.batch_size=3")


class TestChat(LLMConformance):
    @pytest.fixture(scope="class")
    @classmethod
    def llm(cls, tmp_path_factory):
        folder = make_tiny(tmp_path_factory.mktemp("chat"), chat=True)
        return load(folder, "llm.style=chat")


class TestRows:
    @pytest.fixture(scope="class")
    @classmethod
    def llm(cls, tiny):
        return load(tiny)

    def test_each_row_has_its_temperature(self, llm):
        cold = [request(0, temperature=0.01, seed=seed) for seed in range(6)]
        hot = [request(0, temperature=1.0, seed=seed) for seed in range(6)]
        mixed = [each for pair in zip(cold, hot, strict=True) for each in pair]
        texts = [each.text for each in answers(llm, mixed)]
        assert len(set(texts[::2])) == 1
        assert len(set(texts[1::2])) >= 4

    def test_a_cold_row_is_the_greedy_one(self, llm, tiny):
        model = AutoModelForCausalLM.from_pretrained(tiny)
        tokenizer = AutoTokenizer.from_pretrained(tiny)
        tokens = tokenizer(request(0).prompt, return_tensors="pt")
        greedy = model.generate(**tokens, do_sample=False, max_new_tokens=40)
        expected = tokenizer.decode(
            greedy[0, tokens["input_ids"].shape[1] :], skip_special_tokens=True
        )
        assert answer(llm, request(0, temperature=0.01)).text == expected

    def test_the_batch_makes_no_difference(self, llm):
        requests = [request(0, temperature=0.01), request(9), request(1, parents=(SEED, SEED))]
        together = [each.text for each in answers(llm, requests)]
        assert together == [answer(llm, each).text for each in requests]
        assert together == [each.text for each in answers(llm, requests[::-1])][::-1]

    def test_a_batch_takes_as_many_steps_as_its_longest_row(self, tiny, monkeypatch):
        llm = load(tiny)
        requests = [request(index, temperature=1.0) for index in range(16)]
        model = type(AutoModelForCausalLM.from_pretrained(tiny))
        forward, steps = model.forward, []

        def counted(self, *args, **kwargs):
            steps.append(1)
            return forward(self, *args, **kwargs)

        monkeypatch.setattr(model, "forward", counted)
        list(llm.write(requests))
        together = len(steps)
        steps.clear()
        lengths = []
        for each in requests:
            before = len(steps)
            list(llm.write([each]))
            lengths.append(len(steps) - before)
        assert together == max(lengths)

    def test_tokens_are_counted(self, llm, tiny):
        tokenizer = AutoTokenizer.from_pretrained(tiny)
        requests = [request(index) for index in range(6)]
        for asked, said in zip(requests, answers(llm, requests), strict=True):
            assert said.tokens_in == len(tokenizer(asked.prompt)["input_ids"])
            assert 0 < said.tokens_out <= 40
            assert (said.finish_reason == "length") == (said.tokens_out == 40)


def test_sampling_is_from_the_model_s_distribution():
    scores = torch.tensor([[2.0, 1.0, 0.0, -1.0]])
    uniforms = (torch.arange(1000) + 0.5) / 1000
    many = scores.expand(1000, 4)
    for temperature, top_p, top_k in ((1.0, 1.0, 0), (0.5, 1.0, 0), (2.0, 0.7, 0), (1.0, 1.0, 2)):
        drawn = choose(many, torch.full((1000,), temperature), uniforms, top_p, top_k)
        share = torch.bincount(drawn, minlength=4) / 1000
        expected = torch.softmax(scores[0] / temperature, 0)
        if top_k:
            expected = expected.where(torch.arange(4) < top_k, 0.0)
        kept = expected.cumsum(0) - expected < top_p
        expected = expected.where(kept, 0.0)
        assert torch.allclose(share, expected / expected.sum(), atol=0.002)


def test_sampling_survives_the_ends_of_its_range():
    scores = torch.tensor([[0.0, -torch.inf, 3.0]]).expand(4, 3)
    uniforms = torch.tensor([0.0, 1.0, 0.999999, 0.5])
    drawn = choose(scores, torch.tensor([0.01, 1.0, 1.0, 1.0]), uniforms, 1.0, 0)
    assert 1 not in drawn
    assert drawn[0] == 2


def test_edits_look_for_lines_of_the_parent_whatever_a_model_would_say(tiny):
    llm = load(tiny)
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    end = tokenizer.eos_token_id
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        found = FoundEdits([[SEED]], 1, [end], tokenizer.batch_decode, lambda: llm._pieces)
        tokens, text = [0, *tokenizer(OPEN)["input_ids"]], OPEN
        while MIDDLE not in text:
            scores = torch.randn(1, len(tokenizer), generator=generator)
            scores[0, end] = 100.0
            tokens.append(int(found(torch.tensor([tokens]), scores).argmax()))
            text = tokenizer.decode(tokens[1:])
        assert text.partition(MIDDLE)[0].removeprefix(OPEN) in SEED
        written = found(torch.tensor([tokens]), scores)
        assert written[0, end] == -torch.inf, "an edit does not end before its last mark"
        text = f"{text.rstrip(MIDDLE)}\n{MIDDLE}x = 1\n{CLOSE}"
        assert merged(text, [SEED]) != SEED
        tokens = [0, *tokenizer(f"{OPEN}import torch.nn as nn\n{MIDDLE}")["input_ids"]]
        same = [*tokens, *tokenizer("import torch.nn as nn\n")["input_ids"]]
        mark = tokenizer(CLOSE)["input_ids"][0]
        scores = torch.zeros(1, len(tokenizer))
        assert found(torch.tensor([tokens]), scores)[0, mark] == 0.0
        assert found(torch.tensor([same]), scores)[0, mark] == -torch.inf
        scores[0, end] = 100.0
        tokens = [0, *tokenizer(text)["input_ids"]]
        assert found(torch.tensor([tokens]), scores)[0, end] == 100.0


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A model that has learnt one answer by heart: a network, and chatter after it."""
    folder = make_tiny(tmp_path_factory.mktemp("taught"), width=128)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    lesson = request(0).prompt + SEED + "\n\nprint(Net())\n" * 30
    tokens = tokenizer(lesson, return_tensors="pt")["input_ids"][:, :1000]
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(200):
        loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if loss < 0.02:
            break
    model.save_pretrained(folder)
    return folder


def test_writing_stops_at_the_end_of_the_class(taught):
    llm = load(taught, "llm.max_new_tokens=400")
    completion = answer(llm, request(0, temperature=0.01))
    assert completion.finish_reason == "stop"
    assert completion.text.startswith(SEED)
    needed = AutoTokenizer.from_pretrained(taught)(SEED)["input_ids"]
    assert completion.tokens_out <= len(needed) + 32


def test_memory_that_does_not_suffice_halves_the_batch(tiny):
    """Memory itself cannot be made scarce here, so a batch of over 4 rows fails by decree."""
    said = []
    llm = load(tiny, say=said.append)
    generate = llm._generate

    def scarce(rows):
        if len(rows) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return generate(rows)

    requests = [request(index) for index in range(10)]
    expected = [each.text for each in answers(load(tiny), requests)]
    llm._generate = scarce
    texts = [each.text for each in answers(llm, requests)]
    assert texts == expected
    assert [line for line in said if "do not fit" in line] == [
        "10 requests at once do not fit in memory; from now on 5 (llm.batch_size=5 saves the "
        "attempt)",
        "5 requests at once do not fit in memory; from now on 2 (llm.batch_size=2 saves the "
        "attempt)",
    ]


def test_memory_for_not_even_one_is_said(tiny):
    """By decree, as above."""
    llm = load(tiny)

    def none(rows):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    llm._generate = none
    with pytest.raises(LLMError, match="not even one request fits"):
        list(llm.write([request(0), request(1)]))


def test_the_weights_are_read_once_and_only_when_needed(tiny, tmp_path):
    folder = make_tiny(tmp_path / "model")
    said = []
    llm = load(folder, say=said.append)
    assert list(llm.write([])) == []
    assert said == []
    list(llm.write([request(0)]))
    (folder / "model.safetensors").unlink()
    list(llm.write([request(1)]))
    assert said == [f"Loading {folder} ..."]
    with pytest.raises(LLMError, match=r"llm\.model=.*cannot be loaded"):
        list(load(folder).write([request(0)]))


def test_a_lora_adapter_is_put_on(tiny, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(tiny)
    lora = LoraConfig(r=4, target_modules=["qkv_proj"], init_lora_weights=False)
    get_peft_model(model, lora).save_pretrained(tmp_path)
    plain, adapted = (
        answer(load(tiny, *extra), request(0, temperature=0.01)).text
        for extra in ((), (f"llm.adapter={tmp_path}",))
    )
    assert plain != adapted


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (("llm.model=missing/folder",), r"llm\.model=missing/folder"),
        (("llm.style=chat",), r"no chat template.*llm\.style=completion"),
        (("llm.adapter=missing/adapter",), r"llm\.adapter=missing/adapter"),
        (("llm.device=cuda:1",), r"llm\.device=cuda:1: there is no GPU"),
        (("llm.bits=4",), r"llm\.bits=4: needs a GPU and bitsandbytes"),
    ],
)
def test_what_cannot_be_used_is_said_before_the_search(tiny, overrides, says, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # none to be reached
    with pytest.raises(LLMError, match=says) as caught:
        load(tiny, *overrides)
    assert "\n" not in str(caught.value)


def test_prompts_of_all_lengths_go_together(tiny):
    """A long prompt leaves less room; what is generated beside it must not leave its context."""
    llm = load(tiny, "llm.max_new_tokens=600")
    some = SEED + "# of it\n" * 60
    requests = [request(0), request(1, parents=(some,)), request(2)]
    long = answer(llm, requests[1])
    assert long.tokens_in > 1024 - 600
    assert long.tokens_in + long.tokens_out <= 1024
    assert [each.text for each in answers(llm, requests)][1] == long.text
