"""Injuries of texts, for fuzzing: truncation, sampling, transport, and what nothing explains."""

import html
import json
import re

TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
CHARACTERS = "\0\t\f\r\"#'(:@\\`{\xa0é\u201c\uff09\uff2e😀\u200b\u2028\ud800\ufeff"
FRAGMENTS = (
    *("```\n", "```python\n", "~~~\n", '"""', "'''", "(", "\n", "\\", "\t", "...", "# ...\n"),
    *("class Net(", "class A(nn.Module):\n", "def forward(self, x):\n", "return x\n", "@a\n"),
    *("<think>", "</think>", "<|endoftext|>", "</s>", "<|im_end|>", "<b>", "&lt;", "&quot;"),
    *("+ ", "- ", "@@ ", "> ", "12 ", ">>> ", "In [1]: ", "\\n", '"', "if x:\n", "f'{Net}'"),
    *("from __future__ import annotations\n", "from torch import *\n", "import Net\n", "Net = 1\n"),
)


def mangled(text, rng, others):
    """The text with one to four random injuries.

    Args:
        text: The text.
        rng: Decides which.
        others: Texts that parts are taken from.
    """
    for _ in range(rng.randint(1, 4)):
        text = rng.choice(INJURIES)(text, rng, others)
    return text


def span(text, rng):
    start = rng.randrange(len(text) + 1)
    return start, start + int(min(len(text) - start, rng.paretovariate(0.7)))


def cut_off(text, rng, others):
    return text[: rng.randrange(len(text) + 1)]


def start_late(text, rng, others):
    return text[rng.randrange(len(text) + 1) :]


def delete(text, rng, others):
    start, end = span(text, rng)
    return text[:start] + text[end:]


def duplicate(text, rng, others):
    start, end = span(text, rng)
    return text[:end] + text[start:end] * rng.choice([1, 1, 2, 50]) + text[end:]


def splice(text, rng, others):
    other = rng.choice(others)
    start, end = span(other, rng)
    if rng.random() < 0.5:
        start, end = other.rfind("\n", 0, start) + 1, other.find("\n", end) + 1
    place = rng.randrange(len(text) + 1)
    return text[:place] + other[start:end] + text[place:]


def append(text, rng, others):
    return f"{text}\n{rng.choice(others)}"


def flip_bits(text, rng, others):
    data = bytearray(text.encode("utf-8", "replace"))
    for _ in range(rng.choice([1, 1, 8]) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data.decode("utf-8", "surrogateescape")


def swap_tokens(text, rng, others):
    tokens = TOKEN.findall(text)
    for _ in range(rng.choice([1, 1, 5]) if tokens else 0):
        first, second = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        tokens[first], tokens[second] = tokens[second], tokens[first]
    return "".join(tokens)


def replace_word(text, rng, others):
    words = re.findall(r"\w+", text) or ["Net"]
    old, new = rng.choice(words), rng.choice([*words, "Net", "Сеть", "x", "_"])
    return re.sub(rf"\b{old}\b", new, text, count=rng.choice([0, 1]))


def insert(text, rng, others):
    place = rng.randrange(len(text) + 1)
    return text[:place] + rng.choice([*FRAGMENTS, rng.choice(CHARACTERS)]) + text[place:]


def insert_line(text, rng, others):
    place = text.find("\n", rng.randrange(len(text) + 1)) + 1
    return f"{text[:place]}{' ' * rng.choice([0, 0, 4, 8])}{rng.choice(FRAGMENTS)}\n{text[place:]}"


def shuffle_lines(text, rng, others):
    lines = text.split("\n")
    start = rng.randrange(len(lines))
    part = lines[start : start + rng.choice([2, 5, len(lines)])]
    rng.shuffle(part)
    lines[start : start + len(part)] = part
    return "\n".join(lines)


def delete_line(text, rng, others):
    lines = text.split("\n")
    del lines[rng.randrange(len(lines))]
    return "\n".join(lines)


def indent_lines(text, rng, others):
    lines = text.split("\n")
    start = rng.randrange(len(lines))
    end = start + rng.choice([1, 3, len(lines)])
    by = rng.choice(["", " ", "    ", "\t", "\xa0", "> ", "+", "-"])
    lines[start:end] = [by + (line.lstrip() if by == "" else line) for line in lines[start:end]]
    return "\n".join(lines)


def nest(text, rng, others):
    start, end = span(text, rng)
    depth = rng.choice([1, 20, 150, 2_000])
    before, after = rng.choice(["()", "[]", "{}", ("-", ""), ("f'{", "}'"), ("lambda: ", "")])
    return text[:start] + before * depth + text[start:end] + after * depth + text[end:]


def wrap(text, rng, others):
    lines = text.split("\n")
    return rng.choice(
        [
            html.escape(text),
            json.dumps({"code": text}),
            json.dumps({"arguments": json.dumps({"content": text})}),
            f"Here:\n```{rng.choice(['', 'python', 'diff', 'text'])}\n{text}\n```\nDone.",
            f"<think>\n{text}\n</think>\n{rng.choice(others)}",
            "\n".join(f"> {line}" for line in lines),
            "\n".join(f"{number:3} {line}" for number, line in enumerate(lines, 1)),
            text.replace("\n", "\r\n"),
            text.replace("    ", "\t"),
        ]
    )


INJURIES = (
    *(cut_off, start_late, delete, duplicate, splice, append, flip_bits, swap_tokens),
    *(replace_word, insert, insert_line, shuffle_lines, delete_line, indent_lines, nest, wrap),
)
