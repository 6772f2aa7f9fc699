"""Edits of a network instead of the whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmatic import genome
from llmatic.genome.edits import CLOSE, MIDDLE, OPEN, edits, merged
from llmatic.records import Status

SEED = genome.seed_source((1, 8, 8), 10)
WIDER = SEED.replace("F.relu", "F.gelu")


def block(old, new):
    return f"{OPEN}{old}{MIDDLE}{new}{CLOSE}"


def test_a_block_finds_lines_and_puts_others_in_their_place():
    assert merged(block("b\n", "x\ny\n"), ["a\nb\nc\n"]) == "a\nx\ny\nc\n"
    assert merged(block("b\n", ""), ["a\nb\nc\n"]) == "a\nc\n"


def test_blocks_are_made_from_top_to_bottom():
    text = block("a\n", "x\n") + block("a\n", "y\n")
    assert merged(text, ["a\na\n", "a\n"]) == "x\ny\n"


def test_words_around_blocks_and_a_missing_end_of_line_do_no_harm():
    one = block("b\n", "x\n")
    text = f"Here:\n```\n{one}```\nThat is all."
    assert merged(text, ["a\nb\n"]) == "a\nx\n"
    assert merged(block("b\n", "x\n").rstrip(), ["a\nb\n"]) == "a\nx\n"


def test_a_text_without_blocks_is_meant_as_it_stands():
    assert merged(WIDER, [SEED]) == WIDER


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (block("z\n", "x\n"), "edit 1 looks for what the network does not have: 'z"),
        (block("b\n", "x\n") + block("a\n", "y\n"), "edit 2 looks for"),
        (block("", "x\n"), "edit 1 looks for"),
        (f"{OPEN}b\n{MIDDLE}x\n", "edit 1 of 1 is not whole"),
        (f"{OPEN}b\n{CLOSE}", "edit 1 of 1 is not whole"),
    ],
)
def test_what_cannot_be_done_is_named(text, reason):
    with pytest.raises(ValueError, match=reason):
        merged(text, ["a\nb\n"])
    rejected = genome.meant(text, ["a\nb\n"], genome.parse)
    assert rejected.status is Status.NO_CODE
    assert reason in rejected.reason


def test_a_network_may_be_written_as_edits_of_its_parent():
    text = edits(SEED, WIDER)
    assert len(text) < len(WIDER) / 2
    found = genome.meant(text, [SEED.rstrip()], genome.parse)
    assert found == genome.parse(WIDER)


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "  a\n"]), max_size=12).map("".join)


@given(LINES, LINES)
def test_edits_give_what_they_were_made_of(before, after):
    text = edits(before, after)
    if before == after:
        assert text == ""
    elif text is not None:
        assert merged(text, [before]) == after
