"""What a report says, to the last digit."""

import math

import pytest
from report.journals import facts, handmade, made, searched

from llmatic.errors import UserError
from llmatic.records import CandidateId, Operator, Status
from llmatic.report.comparison import check_comparable, groups
from llmatic.report.earnings import by_prompt, by_temperature
from llmatic.report.facts import (
    best_by_evaluations,
    generations,
    pareto_front,
    records_broken,
    status_counts,
)
from llmatic.report.numbers import report_json
from llmatic.report.reading import facts_of

SEED = made("0-0", 0.5)
STORY = handmade(
    SEED,
    made("1-0", 0.4, flops=50),
    made("1-1"),
    made("1-2", 0.7, flops=900, prompt_id=2, temperature=0.1 + 0.2),
    made("2-0", 0.7, flops=900, status=Status.DUPLICATE, twin=CandidateId(1, 2)),
    made("2-1", source_sha256=None, status=Status.NO_CODE, temperature=1.0),
    made(
        "2-2",
        0.8,
        flops=800,
        operator=Operator.CROSSOVER,
        parents=(CandidateId(1, 2), CandidateId(1, 0)),
        prompt_id=None,
        temperature=0.7,
    ),
    sources={"0-0": "a\nb\n", "1-2": "a\nc\n", "2-2": "a\nc\nd\n"},
)


def test_generations():
    rows = generations(STORY)
    assert [row.number for row in rows] == [0, 1, 2]
    assert [row.best for row in rows] == [0.5, 0.7, 0.8]
    assert [row.best_so_far for row in rows] == [0.5, 0.7, 0.8]
    assert rows[1].written == {Operator.MUTATION: 3}
    assert rows[1].trainable == {Operator.MUTATION: 2}
    assert rows[2].written == {Operator.MUTATION: 2, Operator.CROSSOVER: 1}
    assert [row.measured for row in rows] == [1, 3, 1]
    assert [row.niches for row in rows] == [1, 2, 2]
    assert [row.qd_score for row in rows] == pytest.approx([0.5, 1.2, 1.3])
    assert [row.training_s for row in rows] == [2.0, 4.0, 2.0]
    assert [row.writing_s for row in rows] == [0.5, 1.5, 1.5]
    assert (rows[1].tokens_in, rows[1].tokens_out, rows[1].cost_usd) == (30, 60, 0.75)


def test_a_generation_without_a_trainable_network_has_no_best():
    rows = generations(handmade(SEED, made("1-0"), made("2-0", 0.3)))
    assert [row.best for row in rows] == [0.5, None, 0.3]
    assert [row.best_so_far for row in rows] == [0.5, 0.5, 0.5]


def test_evaluations_are_networks_that_were_not_known():
    assert best_by_evaluations(STORY) == [0.5, 0.5, 0.5, 0.7, 0.8]
    left_out = handmade(SEED, made("1-0", status=Status.NOT_CHOSEN), made("1-1", 0.6))
    assert best_by_evaluations(left_out) == [0.5, 0.6]
    late = best_by_evaluations(handmade(made("0-0", None), made("1-0", 0.2)))
    assert math.isnan(late[0])
    assert late[1:] == [0.2]


def test_the_front_holds_what_nothing_beats():
    front = pareto_front(
        [
            made("0-0", 0.5, flops=100),
            made("1-0", 0.6, flops=100),
            made("1-1", 0.6, flops=200),
            made("1-2"),
            made("1-3", 0.9, flops=300),
            made("1-4", 0.9, flops=300),
            made("1-5", 0.8, flops=400),
        ]
    )
    assert [str(each.proposal.id) for each in front] == ["1-0", "1-3"]


def test_a_record_is_better_than_all_before():
    broken = records_broken(STORY.candidates)
    assert sorted(map(str, broken)) == ["1-2", "2-2"]


def test_what_prompts_and_temperatures_earned():
    prompts = by_prompt(STORY)
    one, two, crossover = prompts[1], prompts[2], prompts[-1]
    assert (one.used, one.trainable, one.entered, one.improved) == (4, 2, 0, 0)
    assert (two.used, two.trainable, two.entered, two.improved) == (1, 1, 1, 1)
    assert crossover.name == "(crossover)"
    assert (crossover.used, crossover.entered, crossover.improved) == (1, 1, 1)
    bins = by_temperature(STORY)
    assert [each.used for each in bins] == [0, 0, 1, 0, 3, 0, 0, 0, 0, 1]
    assert bins[2].name == "0.2 to 0.3"


def test_the_family_of_the_best():
    family = STORY.family
    assert [str(step.candidate.proposal.id) for step in family.line] == ["0-0", "1-2", "2-2"]
    assert [str(each.proposal.id) for each in family.ancestors] == ["0-0", "1-0", "1-2", "2-2"]
    assert family.line[0].changes == ()
    assert family.line[1].changes == ("@@ -1,2 +1,2 @@", " a", "-b", "+c")
    assert [str(each.proposal.id) for each in family.line[2].others] == ["1-0"]


def test_statuses_are_counted_with_those_that_wait():
    waiting = (made("3-0", 0.1),)
    counts = status_counts(handmade(SEED, made("1-0"), waiting=waiting))
    assert counts == {Status.OK: 2, Status.DIVERGED: 1}


def test_facts_are_what_the_search_was():
    journal = searched()
    facts = facts_of(journal, "finished")
    assert [row.best_so_far for row in generations(facts)] == [
        journal.summaries[number]["best_fitness"] for number in range(4)
    ]
    last = generations(facts)[-1]
    assert last.niches == journal.summaries[3]["niches_filled"]
    assert last.qd_score == pytest.approx(journal.summaries[3]["qd_score"])
    assert len(best_by_evaluations(facts)) == journal.spent["evaluations"]
    assert len(facts.candidates) == 19
    assert facts.family.line[0].candidate.proposal.id == CandidateId(0, 0)
    assert facts.best == facts.networks.best().candidate


def test_what_is_not_complete_waits():
    journal = searched()
    journal.committed = 2
    facts = facts_of(journal, "running")
    assert len(facts.candidates) == 13
    assert len(facts.waiting) == 6


def test_searches_that_differ_in_their_seed_alone_are_one_group():
    three = [facts("seed=1"), facts("seed=2", "name=other"), facts("seed=1", "search.niches=20")]
    two = groups(three)
    assert [len(group.searches) for group in two] == [2, 1]
    assert [group.name for group in two] == ["a search", "niches=20"]


def test_groups_have_names_of_their_own():
    same = [handmade(SEED), handmade(SEED, overrides=["search.niches=20"], name="mine")]
    assert [group.name for group in groups(same)] == ["handmade", "mine"]
    same = [handmade(SEED), handmade(SEED, overrides=["llm.about=x"])]
    assert [group.name for group in groups(same)] == ["handmade", "handmade (2)"]


def test_different_things_are_not_compared():
    with pytest.raises(UserError, match=r"different data sets .*digits, mnist"):
        check_comparable([handmade(SEED), handmade(SEED, overrides=["dataset=mnist"])])
    with pytest.raises(UserError, match="different accuracies"):
        check_comparable([handmade(SEED), handmade(SEED, overrides=["evaluator.fitness=test"])])


def test_numbers_for_programs():
    numbers = report_json([STORY], {"random": [(0.1, 0.2)]})
    (search,) = numbers["searches"]
    assert search["best"]["candidate"] == "2-2"
    assert search["best"]["made_by"] == "crossover of 1-2 and 1-0"
    assert search["generations"][1]["trainable"] == {"mutation": 2}
    assert search["best_by_evaluations"] == [0.5, 0.5, 0.5, 0.7, 0.8]
    assert [each["candidate"] for each in search["pareto_front"]] == ["1-0", "0-0", "2-2"]
    assert search["family"][1]["changes"][-1] == "+c"
    assert search["prompts"][2]["improved"] == 1
    assert numbers["controls"] == {"random": [[0.1, 0.2]]}
