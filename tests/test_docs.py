import os
import re
import subprocess
import sys
from pathlib import Path

import click
from click.testing import CliRunner

from llmatic.cli import cli

ROOT = Path(__file__).parent.parent


def test_the_miniature_runs():
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d+ niches, QD score \d+\.\d+\n", done.stdout)


def test_links_lead_somewhere():
    for file in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
            if "://" not in link:
                assert (file.parent / link).exists(), f"{file.name}: {link}"


def test_commands_are_documented():
    """After a change: LLMATIC_GOLDEN=write make test ARGS=tests/test_docs.py."""
    pages = []
    assert isinstance(cli, click.Group)
    for name in ("", *sorted(cli.commands)):
        command = ["llmatic", *name.split()]
        done = CliRunner().invoke(cli, [*name.split(), "--help"], prog_name="llmatic")
        assert done.exit_code == 0
        text = "\n".join(line.rstrip() for line in done.output.strip().splitlines())
        pages.append(f"## `{' '.join(command)}`\n\n```text\n{text}\n```\n")
    intro = (
        "# Commands\n\nWhat `--help` says. Exit status 0, or 2 with one line for a user's error "
        "(and the usage, where a command was misspelt), 130 after Ctrl-C.\n\n"
    )
    file = ROOT / "docs" / "commands.md"
    if os.environ.get("LLMATIC_GOLDEN") == "write":
        file.write_text(intro + "\n".join(pages), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == intro + "\n".join(pages)
