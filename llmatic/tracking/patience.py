"""A store's client that waits, and says so, while the server does not answer.

A call that was answered too late is made again, so whoever makes it must bear that:
a run may be created twice (see `MlflowJournal.end`), what is to be deleted may be gone.
Knows nothing of what is stored.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from mlflow.exceptions import MlflowException
from requests.exceptions import HTTPError, RequestException

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

__all__ = ["absence", "as_patient", "patient", "stop_waiting"]

Other = TypeVar("Other")

_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 15.0
_UNHEARD = re.compile(
    r"API request to \S+ failed with (timeout )?exception|Connection broken|IncompleteRead"
)
_REASONS = {
    r"Connection refused": "connection refused",
    r"NameResolutionError|Failed to resolve|getaddrinfo": "name not known",
    r"timed out|timeout": "timed out",
    r"Connection aborted|Connection reset|Connection broken|IncompleteRead": "connection broken",
    r"unreachable|No route to host": "not reachable",
}
"""What is found in the chain of a server's errors, and what it comes to."""
_MAY_BE_GONE = ("delete_tag", "delete_run")
"""Done, if what they delete is not there: it may have been the first of two equal requests."""

_logger = logging.getLogger(__name__)


def patient(client: MlflowClient, wait_s: float) -> MlflowClient:
    """The same client; each of its methods waits up to `wait_s` for the server to come back.

    Once that was in vain, or somebody interrupted it, each call is tried once, until one
    succeeds: who stops does not wait again to say so.
    """
    return cast("MlflowClient", _Patient(client, _Patience(wait_s)))


def absence(error: Exception) -> str | None:
    """Why a server did not answer, in short; None where it did, or nothing is known."""
    said = str(error)
    heard = not (isinstance(error, RequestException) or _UNHEARD.search(said))
    if heard or isinstance(error, HTTPError):
        return None
    found = (words for pattern, words in _REASONS.items() if re.search(pattern, said, re.I))
    return next(found, None)


def stop_waiting(client: MlflowClient) -> None:
    """From now on each call is tried once."""
    if isinstance(client, _Patient):
        client.patience.wait_s = 0.0


def as_patient(client: MlflowClient, other: Other) -> Other:
    """Something else that asks the same server, with the patience of the client."""
    if isinstance(client, _Patient):
        return cast("Other", _Patient(other, client.patience))
    return other


class _Patient:
    def __init__(self, impatient: object, patience: _Patience) -> None:
        self._impatient = impatient
        self.patience = patience

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._impatient, name)
        return self._patiently(value) if callable(value) else value

    def _patiently(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            return self.patience.ask(partial(method, *args, **kwargs), method.__name__)

        return call


class _Patience:
    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        self._hopeful = True

    def ask(self, call: Callable[[], Any], name: str) -> Any:
        try:
            result = self._repeat(call, name)
        except BaseException as error:
            self._hopeful = isinstance(error, Exception) and not _is_absent(error)
            raise
        self._hopeful = True
        return result

    def _repeat(self, call: Callable[[], Any], name: str) -> Any:
        pause, deadline = _PAUSE_S, None
        while True:
            try:
                result = call()
            except Exception as error:
                if name in _MAY_BE_GONE and _is_gone(error):
                    return None
                if not (self._hopeful and self.wait_s and _is_absent(error)):
                    raise
                if deadline is None:
                    deadline = time.monotonic() + self.wait_s
                    _logger.warning(
                        "The tracking server, or its database, does not answer; waiting up to "
                        "%.0f s for it (tracking.wait_s).",
                        self.wait_s,
                    )
                if time.monotonic() + pause > deadline:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)
            else:
                if deadline is not None:
                    _logger.warning("The tracking server answers again.")
                return result


def _is_absent(error: Exception) -> bool:
    """Whether the server, or the database behind it, was not there to say anything."""
    if isinstance(error, HTTPError):
        return error.response is not None and error.response.status_code > 500
    if isinstance(error, RequestException):
        return True
    if not isinstance(error, MlflowException):
        return False
    if error.error_code == "TEMPORARILY_UNAVAILABLE":
        return True
    said = str(error)  # MLflow has no code for these
    return _UNHEARD.search(said) is not None and "500 error responses" not in said


def _is_gone(error: Exception) -> bool:
    return isinstance(error, MlflowException) and error.error_code == "RESOURCE_DOES_NOT_EXIST"
