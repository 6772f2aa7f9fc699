"""Networks of all kinds are read as PyTorch runs them, or not at all."""

import re
from random import Random

import pytest

from llmatic.llm.grammar.reading.repair import repaired
from llmatic.nano.amended import handwritten
from llmatic.nano.cost import cost

pytestmark = pytest.mark.usefixtures("one_thread")

LARGEST = 2_000_000
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


def test_most_networks_that_people_wrote_are_read_and_none_is_changed():
    by_hand = handwritten()
    read = [(source, repaired(source, *made_for)) for source, *made_for in by_hand]
    understood = [(source, network.text) for source, network in read if network is not None]
    assert all(source == text for source, text in understood)
    assert len(understood) > 0.85 * len(by_hand)


def test_a_wrong_number_is_mended_so_that_the_network_runs_and_a_right_one_stays():
    rng, by_hand = Random(0), handwritten()
    mended = 0
    for _ in range(120):
        source, shape, classes = rng.choice(by_hand)
        place = rng.choice(list(NUMBER.finditer(source)))
        size = rng.choice((int(place.group()) * 2, int(place.group()) + 1))
        text = f"{source[: place.start()]}{size}{source[place.end() :]}"
        network = repaired(text, shape, classes)
        if network is not None and network.text != text:
            mended += 1
            assert cost(text, shape, classes, LARGEST) is None, text
            assert cost(network.text, shape, classes, LARGEST) is not None, network.text
    assert mended > 30
