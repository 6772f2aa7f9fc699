"""A report as one HTML page that needs nothing else: pictures and style are in it.

No scripts, no addresses; a policy in its head keeps it so, whatever a model has written.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources

from llmatic import view
from llmatic.records import Candidate
from llmatic.report.comparison import Group
from llmatic.report.facts import Facts, fitness, flops
from llmatic.report.family import Step
from llmatic.report.head import commands, head
from llmatic.report.markup import Markup, Table, element, table
from llmatic.report.section import Section, percent

__all__ = ["page"]

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
RELOAD_S = 30
"""A page of a search that is still running is looked at anew so often."""
LONGEST_CHANGE = 300
"""Lines of a difference that are shown."""


def page(
    groups: Sequence[Group],
    shown: Facts,
    sections: Sequence[Section],
    pictures: Mapping[str, bytes],
    program: str,
) -> str:
    """The whole page.

    Args:
        groups: All searches.
        shown: The one whose details are shown.
        sections: What is between the head and the commands.
        pictures: PNG by section.
        program: How LLMatic is called.
    """
    body = [
        *head(groups, shown, _contents(sections)),
        *(_section(section, pictures.get(section.key), shown) for section in sections),
        element("h2", "How to go on", id="next"),
        table(Table(("type", "to get"), _commands(shown, program), (0, 1)), "Commands"),
        element(
            "details",
            element("summary", "All settings"),
            table(
                Table(("setting", "value"), tuple(shown.settings.items()), (0, 1)), "All settings"
            ),
        ),
    ]
    title = f"LLMatic: {shown.name}"
    reload = [element("meta", http_equiv="refresh", content=str(RELOAD_S))]
    top = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        *(reload if shown.state == "running" else ()),
        element("title", title),
        element("style", Markup(_style())),
    )
    whole = element("html", top, element("body", element("main", *body)), lang="en")
    return f"<!DOCTYPE html>\n{whole}\n"


def _commands(shown: Facts, program: str) -> tuple[tuple[str, str], ...]:
    return tuple((element("code", typed), what) for typed, what in commands(shown, program))


def _style() -> str:
    return (resources.files("llmatic.report") / "page.css").read_text(encoding="utf-8")


def _contents(sections: Sequence[Section]) -> Markup:
    links = [(section.key, section.title) for section in sections] + [("next", "How to go on")]
    items = [element("li", element("a", title, href=f"#{key}")) for key, title in links]
    return element("nav", element("ul", *items), aria_label="Contents")


def _section(section: Section, picture: bytes | None, shown: Facts) -> Markup:
    parts: list[str] = [element("h2", section.title, id=section.key), element("p", section.words)]
    if picture is not None:
        data = base64.b64encode(picture).decode("ascii")
        parts.append(
            element(
                "figure",
                element("img", src=f"data:image/png;base64,{data}", alt=section.alt),
                element("figcaption", section.alt),
            )
        )
    if section.numbers is not None:
        numbers = table(section.numbers, f"{section.title}: the numbers")
        parts.append(element("details", element("summary", "The numbers"), numbers))
    if section.key == "family":
        parts += _family(shown)
    return element("section", *parts)


def _family(shown: Facts) -> Iterator[Markup]:
    """The line to the best network, a difference at each step."""
    assert shown.family is not None
    line = shown.family.line
    for step in line:
        if step is line[1]:
            yield _source(line[0])
        yield element("h3", _named(step.candidate, shown))
        if step.others:
            others = "; ".join(_named(each, shown) for each in step.others)
            yield element(
                "p", f"Compared with its first parent below. Its other parents: {others}."
            )
        if step.changes:
            yield _changes(step.changes)
    yield _source(line[-1])


def _source(step: Step) -> Markup:
    return element(
        "details",
        element("summary", f"The whole source of candidate {step.candidate.proposal.id}"),
        element("pre", step.source, tabindex="0"),
    )


def _named(candidate: Candidate, shown: Facts) -> str:
    """Which network, how it was made, what it is worth."""
    value = fitness(candidate)
    worth = (
        candidate.measurement.status.value
        if value is None
        else f"{percent(value)} %, {flops(candidate):,.0f} FLOPs"
    )
    return f"{candidate.proposal.id}, {view.made_by(candidate, shown.mutations)}: {worth}"


def _changes(lines: Sequence[str]) -> Markup:
    """Added and removed lines in colour, and with their signs for those who see none."""
    kinds = {"+": "ins", "-": "del", "@": "b"}
    shown = [element(kinds.get(line[:1], "span"), line + "\n") for line in lines[:LONGEST_CHANGE]]
    if len(lines) > LONGEST_CHANGE:
        shown.append(element("b", f"and {len(lines) - LONGEST_CHANGE} more lines"))
    return element("pre", *shown, class_="changes", tabindex="0")
