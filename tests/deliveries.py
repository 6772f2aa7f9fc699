"""Parts that tests of deliveries share: a search with one network, and its data set."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmatic.config import Config, compose
from llmatic.records import Candidate, CandidateId, Measurement, Operator, Proposal, Status

CANDIDATE = "1-0"
SOURCE = "class Net: ..."
SEARCHED = {"val_accuracy": 0.5, "test_accuracy": 0.25}


class FakeJournal:
    """Of a search that has trained one network."""

    run_id = "0123456789abcdef"

    def candidates(self) -> list[Candidate]:
        proposal = Proposal(CandidateId.parse(CANDIDATE), Operator.CREATE, (), None, 0.5, None, 1)
        return [Candidate(proposal, "sha", Measurement(Status.OK, 0.5, metrics=SEARCHED))]

    def source(self, id: CandidateId) -> str:
        return SOURCE

    def candidate_path(self, id: CandidateId) -> str:
        return "#/candidate"


@dataclass(frozen=True)
class FakeData:
    batch_size: int
    with_validation: bool


@contextmanager
def fake_prepared(config: Config, *, with_validation: bool = False) -> Iterator[FakeData]:
    yield FakeData(config.dataset.batch_size, with_validation)


def config_in(folder: Path, *overrides: str) -> Config:
    """Settings with a store of its own."""
    store = (f"tracking.uri=sqlite:///{folder}/mlflow.db", f"tracking.artifacts={folder}/artifacts")
    return compose((*store, *overrides))


def runs(client: Any, query: str = "") -> list[Any]:
    """All that match, oldest first."""
    ids = [each.experiment_id for each in client.search_experiments()]
    found = client.search_runs(ids, query, order_by=["attributes.start_time ASC"])
    return list(found)


def assert_no_pickle(folder: Path) -> None:
    """Of all files in a folder; pickles begin and end with certain bytes."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    assert len(files) > 20
    for file in files:
        data = file.read_bytes()
        assert file.suffix not in (".pkl", ".pickle", ".pth", ".pt", ".ckpt"), file
        assert not (data[:1] == b"\x80" and data[-1:] == b"."), file
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                for name in archive.namelist():
                    size = archive.getinfo(name).file_size
                    assert not name.endswith(".pkl"), (file, name)
                    assert not name.endswith(".pt") or size == 0, (file, name)
