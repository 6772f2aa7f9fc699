"""A page of any search: whole, by itself, with nothing of others in it but text."""

import base64
import io
from html import escape
from html.parser import HTMLParser

import numpy as np
import pytest
from core import FakeExecutor, small_config
from PIL import Image
from report.journals import TABLE, KeptJournal, facts, handmade, made, searched

from llmatic import genome, report
from llmatic.archive import Axis, Niches
from llmatic.llm import Completion
from llmatic.records import CandidateId, Measurement, Operator, Status
from llmatic.report.controls import control_curves
from llmatic.report.facts import best_by_evaluations
from llmatic.report.figures.archives import voronoi_cells
from llmatic.report.markup import Table, element, table
from llmatic.report.reading import facts_of

PNG = "data:image/png;base64,"


class Page(HTMLParser):
    """Checks as it reads: every element is closed, nothing is loaded from elsewhere."""

    def __init__(self, html):
        super().__init__()
        self.open = []
        self.images = []
        self.ids = set()
        self.links = set()
        self.text = ""
        self.feed(html)
        assert self.open == []
        assert {link[1:] for link in self.links} <= self.ids

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        assert tag not in ("script", "link", "iframe", "object", "base", "form")
        assert not any(name.startswith("on") for name in given)
        assert given.get("src", PNG).startswith(PNG)
        assert given.get("href", "#").startswith("#")
        assert "url(" not in given.get("style", "")
        if tag == "img":
            assert len(given["alt"]) > 20
            self.images.append(base64.b64decode(given["src"].removeprefix(PNG)))
        if "href" in given:
            self.links.add(given["href"])
        self.ids.add(given.get("id"))
        if tag not in ("img", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def whole(drawn):
    """The page of a report, after everything that can be said of any was checked."""
    page = Page(drawn.html)
    assert "://" not in drawn.html
    assert "@import" not in drawn.html
    assert len(page.images) == len(drawn.pictures)
    assert set(page.images) == set(drawn.pictures.values())
    for data in page.images:
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
        assert pixels.shape[1] > 900
        assert 0.001 < np.mean(pixels < 250) < 0.95  # neither empty nor filled
    return page


class Never(FakeExecutor):
    """Every network but the seed diverges."""

    def map(self, tasks):
        for task in tasks:
            good = task.id == CandidateId(0, 0)
            yield (
                task,
                next(FakeExecutor().map([task]))[1]
                if good
                else Measurement(Status.DIVERGED, error="the loss was nan"),
            )


class Breaks(FakeExecutor):
    """Does not build, until it is repaired."""

    def map(self, tasks):
        for task in tasks:
            fine = task.id.generation == 0 or task.id.index >= 6
            yield (
                task,
                measured(task)
                if fine
                else Measurement(Status.DOES_NOT_BUILD, error="line 3: no such layer"),
            )


class Widener:
    """Makes the convolution wider, to what the seed of the request says."""

    def write(self, requests):
        for request in requests:
            width = 1 + request.seed % 1_000
            text = genome.seed_source(request.input_shape, request.classes)
            text = text.replace("(1, 1,", f"(1, {width},").replace("(64,", f"({64 * width},")
            yield [(request, Completion(text, 10, 20, 0.1, "stop", "widener"))]


def measured(task):
    flops = 100.0 + task.id.index
    fitness = 0.5 + task.id.index / 100
    return Measurement(
        Status.OK,
        fitness,
        {"width_to_depth": 5.0 + task.id.generation, "flops": flops},
        {"val_accuracy": fitness, "test_accuracy": fitness, "flops": flops, "params": 10.0},
    )


ALL = {"best", "trainable", "queried", "networks", "sizes", "prompts", "earnings", "family"}


def test_a_trained_search():
    facts_ = facts("search.init_networks=3")
    drawn = report.make([facts_], "llmatic")
    page = whole(drawn)
    assert set(drawn.pictures) == ALL
    best = facts_.best
    assert f"The best network is candidate {best.proposal.id}" in page.text
    assert f"llmatic show 01234567 --source {best.proposal.id}" in page.text
    assert "commit" in page.text
    assert "abc123" in page.text
    for elite in facts_.networks.elites():
        assert f"{elite.candidate.measurement.metrics['params']:,.0f}" in page.text


def test_time_and_cost_are_told_where_there_are_any():
    spent = {"evaluations": 3, "hours": 0.5, "tokens_in": 18e3, "tokens_out": 9e3, "cost_usd": 0.18}
    story = handmade(made("0-0", 0.5), made("1-0", 0.6), spent=spent)
    drawn = report.make([story], "llmatic")
    assert "cost" in drawn.pictures
    text = whole(drawn).text
    assert "30.0 minutes of wall time for 3 evaluations" in text
    assert "read 18,000 tokens and wrote 9,000, for 0.18 USD" in text


@pytest.mark.parametrize(
    ("overrides", "missing"),
    [
        ([TABLE, "ablation=prompt_archive_only", "search.batch_size=6"], set()),
        (["ablation=network_archive_only"], set()),
        (["ablation=random_generation", "search.generations=1"], {"prompts"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_every_kind_of_search_has_a_page(overrides, missing):
    drawn = report.make([facts(*overrides)], "llmatic")
    whole(drawn)
    assert set(drawn.pictures) - {"controls", "cost"} == ALL - missing


def test_a_search_that_has_only_its_seed():
    journal = searched()
    journal.committed = 0
    drawn = report.make([facts_of(journal, "running")], "llmatic")
    page = whole(drawn)
    assert "Still running: 0 of 3 generations are complete" in page.text
    assert 'http-equiv="refresh"' in drawn.html
    assert set(drawn.pictures) == {"best", "queried", "networks", "sizes"}


def test_a_search_that_has_nothing_yet():
    journal = searched()
    journal.committed = -1
    drawn = report.make([facts_of(journal, "interrupted")], "llmatic")
    assert drawn.pictures == {}
    assert "There is no network yet" in whole(drawn).text
    assert 'http-equiv="refresh"' not in drawn.html


def test_a_search_in_which_nothing_could_be_trained():
    page = whole(report.make([facts(executor=Never())], "llmatic"))
    assert "Of 18 candidates, 0 could be trained" in page.text
    assert "the best network is candidate 0-0" in page.text.lower()


def test_a_search_with_repairs():
    story = facts(
        "search.repair=true", "search.init_networks=3", executor=Breaks(), writer=Widener()
    )
    assert any(step.candidate.proposal.operator is Operator.REPAIR for step in story.family.line)
    page = whole(report.make([story], "llmatic"))
    assert "does not build" in page.text
    assert "(repair)" in page.text


def test_several_searches_side_by_side():
    """One of them has just begun, and does not hinder the others."""
    begun = facts_of(KeptJournal(small_config("search.batch_size=6", "seed=3")), "running")
    three = [facts("seed=1"), facts("seed=2"), facts("seed=1", "search.niches=20")]
    page = whole(report.make([begun, *three], "llmatic"))
    assert "4 searches of 2 kinds on digits" in page.text
    assert "niches=20" in page.text


def test_what_was_written_is_text_and_nothing_else(tmp_path):
    evil = "</pre></style><script>alert(1)</script><img src=x onerror=alert(1)> \ud800"
    story = handmade(
        made("0-0", 0.5),
        made("1-0", 0.6, status=Status.OK),
        sources={"0-0": "fine\n", "1-0": f"{evil}\n"},
        name=evil,
        made_with={"commit": evil},
    )
    drawn = report.make([story], evil)
    page = Page(drawn.html)
    assert page.text.count("alert(1)</script>") >= 4
    assert "<script" not in drawn.html
    assert escape("default-src 'none'") in drawn.html
    written = drawn.save(tmp_path / "here")
    assert "alert(1)" in written.read_text(encoding="utf-8")
    pictures = sorted(map(str, written.parent.glob("*.png")))
    assert pictures == sorted(drawn.files(written.parent).values())


def test_controls_are_as_long_as_the_search():
    story = facts(TABLE, "search.batch_size=6", "search.generations=2")
    curves = control_curves([story])
    assert sorted(curves) == ["local_search", "random", "regularised_evolution"]
    assert {len(curve) for each in curves.values() for curve in each} == {
        len(best_by_evaluations(story))
    }
    assert len({each[-1] for each in curves["random"]}) > 1
    assert control_curves([handmade(made("0-0", 0.5))]) == {}


@pytest.mark.parametrize("count", [1, 2, 40])
def test_voronoi_cells_share_the_square(count):
    points = np.random.default_rng(count).random((count, 2))
    cells = voronoi_cells(Niches((Axis("a", 0, 1), Axis("b", 0, 1)), points))
    areas = [
        abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
        for x, y in (cell.T for cell in cells)
    ]
    assert sum(areas) == pytest.approx(1)
    for sample in np.random.default_rng(0).random((50, 2)):
        nearest = int(np.argmin(np.linalg.norm(points - sample, axis=1)))
        assert in_process(sample, cells[nearest])


def in_process(point, cell):
    edges = np.roll(cell, -1, axis=0) - cell
    to = point - cell
    return bool(np.all(edges[:, 0] * to[:, 1] - edges[:, 1] * to[:, 0] >= -1e-9))


def test_markup_escapes_what_it_is_given():
    cell = element("code", "<b>")
    text = table(Table(("a",), (("<i>",), (cell,))), '"caption"')
    assert "&lt;i&gt;" in text
    assert "<code>&lt;b&gt;</code>" in text
    assert 'aria-label="&quot;caption&quot;"' in text
