"""Whatever happens to a text, parsing it raises nothing; parsing what it gave changes nothing.

`benchmarks/fuzz_genome.py` does the same at length.
"""

import ast
import random
import time

from genome.corpus import ANSWERS, grammar_written
from genome.mangle import mangled
from hypothesis import given, settings
from hypothesis import strategies as st
from test_genome import NETWORKS, defines_only

from llmatic.genome import Genome, Rejection, parse

LONG = 10_000
GRAMMAR_WRITTEN = grammar_written(30)
TEXTS = [
    *(answer.text for answer in ANSWERS.values() if len(answer.text) < LONG),
    *(text for text, _ in NETWORKS.values()),
    *GRAMMAR_WRITTEN,
]


def check(text):
    found = parse(text)
    assert isinstance(found, Genome | Rejection)
    if isinstance(found, Genome):
        assert parse(found.source) == found, text
        assert defines_only(found.source), text


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TEXTS), st.randoms(use_true_random=False))
def test_mangled_texts(text, rng):
    check(mangled(text, rng, TEXTS))


def test_many_mangled_texts():
    rng = random.Random(0)
    for _ in range(2_000):
        check(mangled(rng.choice(TEXTS), rng, TEXTS))


def test_long_texts_take_little_time():
    rng = random.Random(0)
    for answer in ANSWERS.values():
        if len(answer.text) >= LONG:
            text = mangled(answer.text, rng, TEXTS)
            started = time.process_time()
            check(text)
            assert time.process_time() - started < 2  # two parses, and no faster machine


def test_grammar_written_networks_are_found_as_they_are():
    for text in GRAMMAR_WRITTEN:
        found = parse(text)
        assert isinstance(found, Genome)
        written, kept = (
            [ast.dump(node) for node in ast.parse(each).body] for each in (text, found.source)
        )
        assert written[-1] == kept[-1]
        assert set(kept) <= set(written)
