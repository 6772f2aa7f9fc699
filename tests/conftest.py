"""What holds for all tests, whatever process and environment they are started from."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("ours", deadline=None)  # a busy machine proves nothing
settings.load_profile("ours")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background: children would ignore it
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.pop("MLFLOW_TRACKING_URI", None)
LONG = ("test_service", "test_delivery", "test_cli", "test_hostile_networks", "test_cluster")
"""Files that take minutes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest is begun first: at the end one process would wait for the other."""
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Tests run side by side: two threads wait for each other and take the time of all.

    Nor is the order always the same in which they add.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _no_store_of_another_test() -> Iterator[None]:
    """MLflow puts the store it was told into the environment, where it is the default's."""
    yield
    os.environ.pop("MLFLOW_TRACKING_URI", None)
