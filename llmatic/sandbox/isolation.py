"""By which mechanisms generated code is kept apart on this machine: chosen, and proven.

A mechanism counts only if a live probe finds every property held. Where none does,
nothing is run: the user says `sandbox=none`, or mends what the error names.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from llmatic.errors import UserError
from llmatic.sandbox.level import BOTH, BUBBLEWRAP, LANDLOCK, NONE, Isolation
from llmatic.sandbox.processes import Worker, WorkerError, passed_on, scratch_folder

__all__ = ["REMEDY", "Property", "SandboxError", "choose", "probe"]

LEVELS = {
    "auto": (BOTH, LANDLOCK, BUBBLEWRAP),
    "landlock": (LANDLOCK,),
    "bubblewrap": (BUBBLEWRAP,),
    "none": (NONE,),
}
REMEDY = (
    "for bubblewrap install the packages bubblewrap and libseccomp2 and permit user namespaces "
    "(sysctl kernel.apparmor_restrict_unprivileged_userns=0); for Landlock take Linux 5.13 or "
    "newer with landlock among the active security modules (/sys/kernel/security/lsm); or say "
    "sandbox=none, which runs generated code with your own rights"
)
LOOPBACK_REMEDY = (
    "trainer.devices above 1 needs a network namespace that has loopback only: permit user "
    "namespaces, or set trainer.devices=1"
)
PROBE_TIMEOUT_S = 60.0


class SandboxError(UserError):
    """Generated code cannot be kept apart here; says why, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Property:
    """One thing a candidate must not, or must, be able to do.

    Attributes:
        name: What was tried.
        held: Whether it went as it should.
        finding: How it went.
    """

    name: str
    held: bool
    finding: str


@cache
def choose(name: str, *, gpu: bool = False, loopback: bool = False) -> Isolation:
    """The strongest isolation of the wanted kind that works here.

    Args:
        name: ``auto``, ``landlock``, ``bubblewrap`` or ``none``.
        gpu: Whether generated code is to use GPUs, which opens more to it.
        loopback: Whether its processes are to talk to each other by TCP, and to nobody else.

    Raises:
        SandboxError: None works.
    """
    reasons = []
    for isolation in LEVELS[name]:
        if not isolation.confines:
            return isolation
        try:
            properties = probe(isolation, gpu=gpu, loopback=loopback)
        except WorkerError as error:
            reasons.append(f"{isolation}: {error.reason}")
            continue
        broken = [each for each in properties if not each.held]
        if not broken:
            return isolation
        reasons.append(f"{isolation}: {broken[0].name}: {broken[0].finding}")
    remedy = f"{LOOPBACK_REMEDY}; otherwise {REMEDY}" if loopback else REMEDY
    raise SandboxError(
        f"sandbox={name}: generated code cannot be kept apart here ({'; '.join(reasons)}): {remedy}"
    )


@cache
def probe(
    isolation: Isolation, *, gpu: bool = False, loopback: bool = False
) -> tuple[Property, ...]:
    """Have a confined process try everything it must not be able to do; done once.

    Args:
        isolation: By which mechanisms it is confined.
        gpu: Whether it may use GPUs.
        loopback: Whether it may talk to processes beside it by TCP.

    Raises:
        WorkerError: It cannot be started.
    """
    assert isolation.confines
    with scratch_folder() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        secret = folder / "secret"
        secret.write_text(secrets.token_hex(), encoding="utf-8")
        variables = sorted(os.environ.keys() - passed_on(folder).keys())
        worker = Worker(
            "llmatic.sandbox.probe", folder, isolation=isolation, gpu=gpu, loopback=loopback
        )
        request = {"isolation": isolation.flags, "gpu": gpu, "file": str(secret)}
        try:
            network = {"loopback": loopback, "port": server.getsockname()[1]}
            worker.send({**request, **network, "variables": variables})
            return tuple(_properties(worker))
        except BrokenPipeError:
            raise worker.failure() from None
        finally:
            worker.close()


def _properties(worker: Worker) -> Iterator[Property]:
    try:
        frame = worker.receive(time.monotonic() + PROBE_TIMEOUT_S)
    except TimeoutError:
        yield Property("the probe answers", False, f"not within {PROBE_TIMEOUT_S:g} s")
        return
    if frame is None:
        raise worker.failure()
    for name, held, finding in frame.header["properties"]:
        yield Property(name, held, finding)
