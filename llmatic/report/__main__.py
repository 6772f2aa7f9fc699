"""Draws the report of a search for the process that runs it; see `llmatic.report.live`.

Reads one line of JSON, keeps the report with the search, answers with one line of JSON. Ends
when its input does, so that none is left behind by a process that died.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from pathlib import Path

from llmatic import report
from llmatic.config import TrackingConfig

__all__ = ["main"]


def main() -> None:
    """Draw what is asked for."""
    asked = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        facts, journal = report.read(TrackingConfig(**asked["tracking"]), asked["run"])
        drawn = report.make([facts], asked["program"])
        with tempfile.TemporaryDirectory() as scratch:
            drawn.save(Path(scratch))
            kept = journal.attach(Path(scratch), report.FOLDER)
        answer = {"page": "" if kept is None else str(kept / report.PAGE)}
    except Exception as error:
        said = next(iter(str(error).splitlines()), "") or type(error).__name__
        answer = {"error": said}
    print(json.dumps(answer), flush=True)


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
