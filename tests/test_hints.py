"""What a user is told to type next works as it is printed."""

from dataclasses import replace
from pathlib import Path

import pytest

from llmatic import hints
from llmatic.config import compose

ROOT = Path(__file__).parent.parent
USUAL = compose().tracking
SERVER = replace(USUAL, uri="http://server:5000", experiment="our study")


def test_the_usual_store_need_not_be_named(monkeypatch):
    assert hints.command(USUAL, "show", "3f2a") == f"{hints.program()} show 3f2a"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", SERVER.uri)
    assert hints.command(SERVER, "show", "3f2a") == f"{hints.program()} show 3f2a"
    assert hints.command(USUAL, "show", "3f2a").endswith(" tracking.uri=sqlite:///mlruns/mlflow.db")


def test_another_store_is_named():
    assert hints.command(SERVER, "show", "my run").endswith(
        "show 'my run' tracking.uri=http://server:5000"
    )
    assert hints.command(SERVER, "train", "3f2a", "3-9", study=True).endswith(
        " tracking.uri=http://server:5000 'tracking.experiment=our study'"
    )


@pytest.mark.parametrize(
    "uri",
    ["http://me:hunter2@server:5000", "postgresql://host/db?user=me&password=hunter2"],
)
def test_credentials_are_left_to_the_user(uri):
    told = hints.command(replace(USUAL, uri=uri), "show", "3f2a")
    assert told.endswith(" tracking.uri=...")


def test_make_is_for_the_checkout(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    assert hints.ui(USUAL) == "make ui"
    assert hints.ui(SERVER) == 'make ui ARGS="tracking.uri=http://server:5000"'
    monkeypatch.chdir(tmp_path)
    assert hints.ui(USUAL) == f"{hints.program()} ui"
