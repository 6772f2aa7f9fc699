"""Is this machine ready? Each check looks at the real thing and says how to mend it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from llmatic.config import Config, LocalConfig, RayConfig, TrainedConfig

if TYPE_CHECKING:
    from llmatic.records import Measurement

__all__ = ["Check", "run"]

MIN_FREE_GB = 1.0
HASTE_S = 5.0
HASTY_MB = 1024
ELSEWHERE = "choose another sandbox= (landlock, bubblewrap), or run in a virtual machine"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: What was looked at.
        ok: Whether a search can run with it.
        finding: What was found.
        remedy: What to do about it; empty where all is well.
    """

    name: str
    ok: bool
    finding: str
    remedy: str = ""


def run(config: Config) -> Iterator[Check]:
    """All checks for a search with these settings, cheapest first."""
    yield _python()
    yield _packages()
    match config.executor:
        case LocalConfig(slots=slots):
            yield _cpus(slots, config.trainer.threads * config.trainer.devices)
            yield from _store(config)
            if isinstance(config.evaluator, TrainedConfig):  # else nothing written is executed
                yield _memory(slots, config.evaluator)
                yield from _sandbox(config)
                yield from _limits(config, config.evaluator)
        case RayConfig():  # the seed network shows what its nodes can do
            yield from _store(config)
    yield _training(config)


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), version, "install Python 3.11 or newer")


def _packages() -> Check:
    found, missing = [], []
    for name in ("torch", "torchvision", "lightning", "mlflow", "fvcore"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(f"no {name}")
    return Check("packages", not missing, ", ".join([*missing, *found]), "make .venv/.ready")


def _cpus(slots: int, threads: int) -> Check:
    available = len(os.sched_getaffinity(0))
    return Check(
        "processors",
        slots * threads <= available,
        f"{available} for {slots} slots of {threads} threads",
        f"set executor.slots={max(1, available // threads)}",
    )


def _store(config: Config) -> Iterator[Check]:
    yield _disk(config)
    yield _tracking(config)


def _memory(slots: int, limits: TrainedConfig) -> Check:
    available = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    each = limits.memory_mb
    return Check(
        "memory",
        slots * each <= available,
        f"{available} MB for {slots} slots of up to {each} MB",
        f"set executor.slots={max(1, available // each)} "
        f"or evaluator.memory_mb={max(1, available // slots)}",
    )


def _disk(config: Config) -> Check:
    scratch = tempfile.gettempdir()
    here, there = (shutil.disk_usage(place).free / 1e9 for place in (Path.cwd(), scratch))
    return Check(
        "disk",
        min(here, there) >= MIN_FREE_GB,
        f"{here:.1f} GB free here, {there:.1f} GB in {scratch}",
        f"free at least {MIN_FREE_GB:.0f} GB for {config.tracking.artifacts} and, in TMPDIR, "
        "for the data set",
    )


def _tracking(config: Config) -> Check:
    from llmatic.errors import UserError
    from llmatic.tracking import list_searches

    try:
        searches = list_searches(config.tracking)
    except UserError as error:
        return Check("tracking store", False, str(error), "start it, or set tracking.uri")
    return Check("tracking store", True, f"answers; holds {len(searches)} searches")


def _sandbox(config: Config) -> Iterator[Check]:
    from llmatic.sandbox import REMEDY, SandboxError, choose, probe, uses_gpu

    gpu, loopback = uses_gpu(config.trainer.accelerator), config.trainer.devices > 1
    try:
        isolation = choose(config.sandbox.name, gpu=gpu, loopback=loopback)
    except SandboxError as error:
        yield Check("sandbox", False, str(error), REMEDY)
        return
    rights = "" if isolation.confines else ": generated code has your own rights"
    yield Check("sandbox", True, f"{isolation} (sandbox={config.sandbox.name}){rights}")
    tried = probe(isolation, gpu=gpu, loopback=loopback) if isolation.confines else ()
    for each in tried:
        yield Check(f"generated code {each.name}", each.held, each.finding or "tried", ELSEWHERE)


def _limits(config: Config, limits: TrainedConfig) -> Iterator[Check]:
    """Networks that go on for ever, in time, memory and threads: each has to be ended."""
    from llmatic.errors import UserError
    from llmatic.parts import evaluators, seed_network
    from llmatic.records import Status

    endless = {
        "time": ("while True: pass", Status.TIMED_OUT),
        "memory": ("kept = []\nwhile True: kept.append(bytearray(10**7))", Status.OUT_OF_MEMORY),
        "threads": (
            "import threading, time\n"
            "while True: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
            Status.FORBIDDEN,
        ),
    }
    hasty = replace(limits, timeout_s=HASTE_S, memory_mb=HASTY_MB)
    seed = seed_network(config)
    try:
        with evaluators(replace(config, evaluator=hasty)) as make:
            evaluator = make()
            for what, (code, wanted) in endless.items():
                found = evaluator.evaluate(f"{code}\n{seed}", 0)
                finding = str(found.error or found.status)
                yield Check(f"a limit on {what}", found.status is wanted, finding, ELSEWHERE)
            evaluator.close()
    except UserError as error:
        yield Check("limits", False, str(error), "mend what it says")


def _training(config: Config) -> Check:
    from llmatic.errors import UserError

    try:
        measurement = _seed_measurement(config)
    except UserError as error:
        return Check("seed network", False, str(error), "mend what it says")
    if not measurement.status.trainable:
        finding = f"{measurement.status}: {measurement.error}"
        return Check("seed network", False, finding, "see llmatic evaluate FILE")
    accuracy = measurement.metrics["val_accuracy"]
    seconds = measurement.metrics.get("train_seconds")
    how = "is in the table with" if seconds is None else f"trains in {seconds:.1f} s to"
    return Check("seed network", True, f"{how} {accuracy:.3f} validation accuracy")


def _seed_measurement(config: Config) -> Measurement:
    """The seed network, measured where a search would."""
    from llmatic.executor import Task
    from llmatic.launch import evaluate_source
    from llmatic.parts import executors, seed_network
    from llmatic.records import SEED_ID

    seed = seed_network(config)
    if isinstance(config.executor, LocalConfig):
        return evaluate_source(config, seed)[1]
    with executors(config, lambda line: None) as make, make() as executor:
        ((_, measurement),) = executor.map([Task(SEED_ID, seed, config.seed)])
        return measurement
