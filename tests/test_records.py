import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmatic.records import CandidateId, Measurement, Operator, Proposal, Status

ids = st.builds(CandidateId, st.integers(0, 10**6), st.integers(0, 10**6))
proposals = st.builds(
    Proposal,
    id=ids,
    operator=st.sampled_from(Operator),
    parents=st.lists(ids, max_size=3).map(tuple),
    prompt_id=st.none() | st.integers(0, 100),
    temperature=st.none() | st.floats(0.01, 1),
    prompt_niche=st.none() | st.integers(0, 100),
    seed=st.integers(0, 2**31),
)
numbers = st.dictionaries(st.text(max_size=20), st.floats(allow_nan=False), max_size=5)
measurements = st.builds(
    Measurement,
    status=st.sampled_from(Status),
    fitness=st.none() | st.floats(0, 1),
    descriptors=numbers,
    metrics=numbers,
    curves=st.dictionaries(st.text(max_size=9), st.lists(st.floats(0, 1)).map(tuple), max_size=3),
    error=st.none() | st.text(max_size=200),
)


@given(proposals)
def test_proposal_survives_json(proposal):
    assert Proposal.from_json(proposal.to_json()) == proposal


@given(measurements)
def test_measurement_survives_json(measurement):
    assert Measurement.from_json(measurement.to_json()) == measurement


def test_nan_survives_json():
    curve = Measurement.from_json(
        Measurement(Status.DIVERGED, curves={"train_loss": (1.0, math.nan)}).to_json()
    ).curves["train_loss"]
    assert curve[0] == 1.0
    assert math.isnan(curve[1])


@given(ids)
def test_id_survives_text_and_sorts_by_generation(id):
    assert CandidateId.parse(str(id)) == id
    assert CandidateId(id.generation, id.index + 1) < CandidateId(id.generation + 1, 0)


@pytest.mark.parametrize("text", ["", "3", "3-", "-3", "a-b", "3-4-5", "3-x"])
def test_what_is_no_id_is_named(text):
    with pytest.raises(ValueError, match="GENERATION-INDEX"):
        CandidateId.parse(text)


def test_only_trained_networks_and_their_duplicates_are_trainable():
    assert {status for status in Status if status.trainable} == {Status.OK, Status.DUPLICATE}
