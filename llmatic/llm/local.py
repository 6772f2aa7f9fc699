"""A causal language model on this machine: where it is, its tokenizer, its weights.

Any model that the transformers library loads, from this package, the hub or a folder. Knows
nothing of how texts are generated or learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging

from llmatic.config import Style, TransformersConfig
from llmatic.llm import LLMError

__all__ = ["SHIPPED", "load", "look", "prompt_tokens"]

SHIPPED = {"nano": Path(__file__).parent / "models" / "nano"}
"""Models that are part of this package, by name; each says in its README.md what it is."""


def look(config: TransformersConfig) -> tuple[Any, Any]:
    """A model's architecture and its tokenizer, once all is seen that can be seen before loading.

    Args:
        config: Which model, and how it is to be asked.

    Returns:
        Both as the transformers library has them.

    Raises:
        LLMError: There is no such model, or it cannot be asked as configured.
    """
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    place, adapter = _place(config.model), _adapter(config)
    source = {"revision": config.revision, "trust_remote_code": False}
    try:
        architecture: Any = AutoConfig.from_pretrained(place, **source)
        if adapter is not None and _is_whole(adapter):
            place, source = adapter, {"trust_remote_code": False}
            architecture = _adapted(architecture, place)
        elif adapter is not None:
            from peft import PeftConfig

            PeftConfig.from_pretrained(adapter)
        tokenizer: Any = AutoTokenizer.from_pretrained(place, padding_side="left", **source)
    except (OSError, ValueError) as error:
        raise LLMError(_unusable(config, error)) from None
    if config.device.startswith("cuda") and not torch.cuda.is_available():
        raise LLMError(f"llm.device={config.device}: there is no GPU that PyTorch can use")
    if config.bits and not (torch.cuda.is_available() and find_spec("bitsandbytes")):
        raise LLMError(
            f"llm.bits={config.bits}: needs a GPU and bitsandbytes: pip install bitsandbytes"
        )
    if config.style == "chat" and not tokenizer.chat_template:
        raise LLMError(
            f"llm.model={config.model}: has no chat template, so it only goes on with texts; "
            "set llm.style=completion"
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return architecture, tokenizer


def load(config: TransformersConfig, *, to_learn: bool = False) -> Any:
    """A model with its weights and its adapter.

    Args:
        config: Which model.
        to_learn: An adapter of low rank goes on learning.

    Raises:
        LLMError: It cannot be loaded.
    """
    try:
        return _load(config, to_learn)
    except Exception as error:  # of many libraries, on weights, devices and adapters
        raise LLMError(_unusable(config, error)) from None


def prompt_tokens(tokenizer: Any, style: Style, prompts: Sequence[str]) -> list[list[int]]:
    """What a model is shown.

    Args:
        tokenizer: Of the transformers library.
        style: ``chat`` puts each prompt into the model's chat template.
        prompts: Of requests.
    """
    special = style != "chat"
    if style == "chat":
        prompts = [
            tokenizer.apply_chat_template(
                [{"role": "user", "content": each}], tokenize=False, add_generation_prompt=True
            )
            for each in prompts
        ]
    tokens: list[list[int]] = tokenizer(list(prompts), add_special_tokens=special)["input_ids"]
    return tokens


def _place(model: str) -> str:
    """A folder, or a name on the hub.

    Raises:
        LLMError: There is no such folder.
    """
    return str(SHIPPED[model]) if model in SHIPPED else _found("llm.model", model)


def _found(setting: str, place: str) -> str:
    """A folder, or a name on the hub.

    Raises:
        LLMError: There is no such folder.
    """
    if not place.startswith((".", "/", "~")):
        return place
    folder = Path(place).expanduser()
    if not folder.is_dir():
        raise LLMError(f"{setting}={place}: there is no such folder in {Path.cwd()}")
    return str(folder)


def _load(config: TransformersConfig, to_learn: bool) -> Any:
    placed = config.device
    if placed == "auto" and not torch.cuda.is_available():
        placed = "cpu"
    settings: dict[str, Any] = {
        "dtype": config.dtype,
        "device_map": "auto" if placed == "auto" else {"": placed},
        "revision": config.revision,
        "trust_remote_code": False,
    }
    if config.bits is not None:
        settings["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=config.bits == 4,
            load_in_8bit=config.bits == 8,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    adapter = _adapter(config)
    if adapter is not None and _is_whole(adapter):
        return AutoModelForCausalLM.from_pretrained(adapter, **settings).eval()
    model: Any = AutoModelForCausalLM.from_pretrained(_place(config.model), **settings)
    if adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, adapter, is_trainable=to_learn)
    return model.eval()


def _adapter(config: TransformersConfig) -> str | None:
    """Its folder, or its name on the hub; None without one.

    Raises:
        LLMError: There is no such folder.
    """
    return None if config.adapter is None else _found("llm.adapter", config.adapter)


def _is_whole(adapter: str) -> bool:
    """Whether an adapter takes the place of all weights, and has a tokenizer of its own."""
    return (Path(adapter) / "config.json").is_file()


def _adapted(architecture: Any, adapter: str) -> Any:
    """The architecture of an adapter that takes the place of all weights.

    Raises:
        OSError: It is not there.
        ValueError: It is none, or of another kind than the model's.
    """
    found: Any = AutoConfig.from_pretrained(adapter)
    if (found.model_type, found.hidden_size) != (architecture.model_type, architecture.hidden_size):
        raise ValueError(f"{adapter} is made for another model")
    return found


def _unusable(config: TransformersConfig, error: Exception) -> str:
    said = " ".join(str(error).split())
    adapter = _adapter(config)
    part = f"llm.adapter={config.adapter}:" if adapter is not None and adapter in said else ""
    if not part and not Path(_place(config.model)).is_dir():
        part = f"llm.model={config.model}: is no folder here; from the hub it"
    return f"{part or f'llm.model={config.model}:'} cannot be loaded: {said[:300]}"
