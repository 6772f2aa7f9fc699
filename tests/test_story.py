"""What the MLflow UI says of a candidate."""

from hypothesis import given
from hypothesis import strategies as st

from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status
from llmatic.tracking.story import story

PARENT = CandidateId(2, 7)


def told(measurement, operator=Operator.MUTATION, source="x = 1\n", change=None, twin=None):
    parents = () if operator in (Operator.SEED, Operator.CREATE) else (PARENT,)
    temperature = None if operator is Operator.SEED else 0.62
    proposal = Proposal(CandidateId(3, 1), operator, parents, None, temperature, None, 5)
    candidate = Candidate(proposal, "ab", measurement, twin)
    return story(candidate, "add_layer", source, change, {PARENT: "#/runs/r"}.get)


TRAINED = Measurement(Status.OK, 0.965, {}, {"val_accuracy": 0.965, "flops": 12345.0})


def test_a_trained_network():
    text = told(TRAINED, change="-a\n+b\n")
    assert text.startswith(
        "A **mutation** of [2-7](#/runs/r): the writer was asked to *add layer*, "
        "at a temperature of 0.62.\n\n**Measured.** Its fitness is 0.9650."
    )
    assert "| validation accuracy | 96.50% |" in text
    assert "12,345 |" in text
    assert "against [2-7](#/runs/r):\n\n```diff\n-a\n+b\n```" in text
    assert text.endswith("```python\nx = 1\n```")


def test_a_failure_says_why_in_words():
    text = told(Measurement(Status.DOES_NOT_BUILD, error="NameError: nn"), source=None)
    assert "**Does not build**:\n\n```\nNameError: nn\n```" in text


def test_a_twin_says_whose_measurement_it_has():
    measurement = Measurement(Status.DUPLICATE, 0.5, {}, {"val_accuracy": 0.5})
    text = told(measurement, twin=CandidateId(1, 4))
    assert "**The same network as 1-4**, whose measurement is reused." in text


def test_the_seed_and_what_was_written_from_scratch():
    assert told(TRAINED, Operator.SEED).startswith("**The seed network**")
    assert told(TRAINED, Operator.CREATE).startswith("Written **from scratch**, at a temperature")


def test_code_cannot_end_its_block():
    text = told(TRAINED, source='"""```\n# a title\n````\n"""')
    assert '`````python\n"""```' in text
    assert text.endswith('"""\n`````')


@given(st.text(), st.text(), st.text())
def test_every_text_fits_into_a_tag(source, error, change):
    for measurement in (TRAINED, Measurement(Status.CRASHED, error=error * 999)):
        text = told(measurement, source=source * 999, change=change * 999)
        assert len(text) < 8_000
        assert "\0" not in text
