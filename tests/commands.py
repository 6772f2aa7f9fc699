"""The command line for tests: in a process of its own, or in that of the test."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from llmatic.cli import run

__all__ = ["LLMATIC", "QUICK", "in_process", "llmatic", "run_id"]

LLMATIC = str(Path(sys.executable).with_name("llmatic"))
QUICK = {**os.environ, "OMP_NUM_THREADS": "1"}

Done = subprocess.CompletedProcess[str]


def llmatic(
    cwd: Path,
    *arguments: str,
    check: int = 0,
    env: Mapping[str, str] = QUICK,
    timeout_s: float = 240,
) -> Done:
    """A command as users type it; to start one takes seconds."""
    done = subprocess.run(
        [LLMATIC, *arguments], cwd=cwd, capture_output=True, text=True, timeout=timeout_s, env=env
    )
    assert done.returncode == check, done.stdout + done.stderr
    return done


def in_process(cwd: Path, *arguments: str, check: int = 0) -> Done:
    """A command in this process, which has imported what it needs; what it raises comes out."""
    out, err = StringIO(), StringIO()
    with chdir(cwd), patch.dict(os.environ), redirect_stdout(out), redirect_stderr(err):
        status = run(arguments)
    assert status == check, out.getvalue() + err.getvalue()
    return Done(arguments, status, out.getvalue(), err.getvalue())


def run_id(done: Done) -> str:
    """Of the search that a command ran."""
    return done.stderr.split("Search ")[1].split()[0]
