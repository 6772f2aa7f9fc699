"""What users are told: one family of exceptions, and how other people's texts are shown."""

from __future__ import annotations

import re

__all__ = ["UserError", "tidy"]

FOLDERS = re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+")


class UserError(Exception):
    """Something the user can mend; its text is one clear line that says how.

    The command line prints it and exits with status 2. Derived: `ConfigError`
    (settings), `DataError` (data sets), `TrackingError` (the journal's store),
    `SeedFailedError` and `JournalMismatchError` (the search).
    """


def tidy(text: str, longest: int) -> str:
    """A text of somebody else's in one line, without host paths and what a terminal would obey.

    Args:
        text: May hold anything.
        longest: Characters that are kept.
    """
    shown = "".join(each if each.isprintable() else " " for each in text)
    return FOLDERS.sub("", " ".join(shown.split()))[:longest]
