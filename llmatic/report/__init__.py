"""The report of a search: the figures of the paper and a page, from the journal alone.

`read` takes a search's facts from its journal, `make` draws them, `Report.save` writes them
to a folder; `refresh` does all that beside a running search. matplotlib is imported when the
first figure is drawn, which takes a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmatic.report.comparing import comparing
from llmatic.report.comparison import check_comparable, groups
from llmatic.report.controls import control_curves
from llmatic.report.details import details
from llmatic.report.facts import Facts
from llmatic.report.numbers import report_json
from llmatic.report.page import page
from llmatic.report.reading import read

__all__ = ["FOLDER", "PAGE", "Facts", "Report", "folder_name", "make", "read"]

PAGE = "index.html"
FOLDER = "report"
"""Where it is kept among the search's artifacts."""


@dataclass(frozen=True)
class Report:
    """A report, drawn.

    Attributes:
        html: The page.
        pictures: PNG by name.
        numbers: What both show, for programs.
    """

    html: str
    pictures: Mapping[str, bytes]
    numbers: Mapping[str, Any]

    def save(self, folder: Path) -> Path:
        """Write the page and the pictures, in place of those of an earlier time.

        Returns:
            The page.

        Raises:
            OSError: It cannot be written there.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.pictures.items():
            (folder / f"{name}.png").write_bytes(data)
        file = folder / PAGE
        file.write_text(self.html, encoding="utf-8", errors="backslashreplace")
        return file

    def files(self, folder: Path) -> dict[str, str]:
        """The pictures that `save` writes to a folder, by name."""
        return {name: str(folder / f"{name}.png") for name in self.pictures}


def folder_name(searches: Sequence[Facts]) -> str:
    """A name for the folder of a report."""
    further = len(searches) - 1
    return f"report-{searches[0].run_id[:8]}" + (f"-and-{further}-more" if further else "")


def make(searches: Sequence[Facts], program: str) -> Report:
    """Draw the report of one search, or of several side by side.

    Args:
        searches: At least one; of several the details of the best are shown.
        program: How LLMatic is called, for the commands to go on with.

    Raises:
        UserError: The searches cannot be compared.
    """
    check_comparable(searches)
    shown = max(searches, key=_best_fitness)
    together = groups(searches)
    curves = control_curves(searches)
    sections = []
    if len(shown.networks):
        begun = groups([facts for facts in searches if facts.committed >= 0])
        sections = [*comparing(begun, curves), *details(shown)]

    from llmatic.report.figures.style import png

    pictures = {each.key: png(each.figure) for each in sections if each.figure is not None}
    html = page(together, shown, sections, pictures, program)
    return Report(html, pictures, report_json(searches, curves))


def _best_fitness(facts: Facts) -> float:
    return facts.networks.best().fitness if len(facts.networks) else -1.0
