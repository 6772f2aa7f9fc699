"""Edits of a network instead of the whole."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmatic import genome
from llmatic.genome.edits import (
    CLOSE,
    MIDDLE,
    OPEN,
    changes_nothing,
    edits,
    following,
    is_open,
    merged,
)
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


@given(LINES, LINES)
def test_whatever_finds_its_place_can_be_written_piece_by_piece(before, after):
    text = edits(before, after) or ""
    for place in range(len(text)):
        rests = following(text[:place], [before])
        assert rests is None or any(each[0] == text[place] for each in rests)
    assert not is_open(text)


@given(LINES, LINES, st.integers(0, 200))
def test_what_lines_can_follow_finds_its_place(before, after, seed):
    text = (edits(before, after) or "") + OPEN
    rng = Random(seed)
    while rests := following(text, [before]):
        text += rng.choice(rests)[0]
    if rests is None:
        assert merged(f"{text}new\n{CLOSE}", [before])
    else:
        assert text.endswith(OPEN), "there is always a way on but where no line is left"


def test_an_edit_is_open_until_its_last_mark():
    assert is_open(OPEN)
    assert is_open(block("b\n", "x\n") + OPEN)
    assert not is_open(block("b\n", "x\n"))
    assert not is_open(block("b\n", "x\n").rstrip())
    assert not is_open(SEED)


def test_an_edit_that_puts_back_what_it_found_is_known_before_it_ends():
    text = f"{OPEN}b\n{MIDDLE}"
    assert changes_nothing(f"{text}b\n")
    assert not changes_nothing(text)
    assert not changes_nothing(f"{text}b\nc\n")
    assert not changes_nothing(f"{OPEN}b\n")
    assert not changes_nothing(f"{text}b\n{CLOSE}")


def test_anything_can_follow_where_nothing_is_looked_for():
    assert following("", [SEED]) is None
    assert following(OPEN, []) is None
    assert following(f"{OPEN}b\n{MIDDLE}", ["b\n"]) is None


def test_lines_above_an_edit_are_not_looked_for():
    text = block("b\n", "x\n") + OPEN
    assert following(text, ["a\nb\nc\n"]) == ["c\n"]
    assert following(text, ["a\nb\n"]) == []
