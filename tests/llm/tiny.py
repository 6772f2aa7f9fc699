"""A real transformer in the size of a test: CodeGen's architecture, a tokenizer of its own.

Made here with random weights, as no model can be downloaded; saved to a folder and
loaded from it as any other model is.
"""

from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import CodeGenConfig, CodeGenForCausalLM, PreTrainedTokenizerFast

from llmatic.genome import seed_source

END = "<|endoftext|>"
CHAT = (
    "{% for message in messages %}<|{{ message.role }}|>\n{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def make_tiny(folder: Path, *, chat: bool = False, width: int = 64, seed: int = 0) -> Path:
    """Make a model with its tokenizer.

    Args:
        folder: Where it is saved.
        chat: Whether it gets a chat template.
        width: Of its layers.
        seed: Of its weights.
    """
    bytes_and_pairs = ByteLevelBPETokenizer()
    bytes_and_pairs.train_from_iterator(
        [seed_source((3, 32, 32), 10), *CHAT.split()], vocab_size=400, special_tokens=[END]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytes_and_pairs._tokenizer, eos_token=END, bos_token=END, unk_token=END
    )
    if chat:
        tokenizer.chat_template = CHAT
    torch.manual_seed(seed)
    config = CodeGenConfig(
        vocab_size=len(tokenizer),
        n_positions=1024,
        n_ctx=1024,
        n_embd=width,
        n_layer=2,
        n_head=4,
        rotary_dim=8,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    model = CodeGenForCausalLM(config)
    with torch.no_grad():
        model.lm_head.weight.mul_(60)  # so that it has preferences, as a trained one has
    model.generation_config.do_sample = True  # a server would ignore the temperature without it
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
