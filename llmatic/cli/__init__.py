"""The command line: parses, calls, prints. Everything else is elsewhere."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

import click

from llmatic.cli import delivering, learning, looking, measuring, searching, training
from llmatic.cli.group import STOPPED, cli, say
from llmatic.errors import UserError

__all__ = [
    "cli",
    "delivering",
    "learning",
    "looking",
    "main",
    "measuring",
    "run",
    "searching",
    "training",
]


def main() -> None:
    """Entry point: exit status 0, 2 for a user's error, 130 after Ctrl-C."""
    for each in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _stop)
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command; its exit status.

    Args:
        arguments: This process's own unless given.
    """
    try:
        status = cli.main(arguments, standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except UserError as error:
        say(f"Error: {error}")
        return 2
    return status if isinstance(status, int) else 0


def _stop(signal_number: int, frame: object) -> None:
    """What systemd, Docker and Slurm send is taken like Ctrl-C."""
    STOPPED.set()  # Python drops an exception that comes up where it cleans up
    raise KeyboardInterrupt
