"""The parts that a search is put together from: writers, evaluators, executors and what they need.

The only place where configuration chooses implementations. Knows how to make and give back each
part; what they do is theirs, and what is done with them is a matter of `launch`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from llmatic import genome
from llmatic.config import (
    Config,
    ConfigError,
    GrammarConfig,
    LocalConfig,
    OpenAIConfig,
    RayConfig,
    ReplayConfig,
    TableConfig,
    TrainedConfig,
    TransformersConfig,
)
from llmatic.evaluate import Evaluator
from llmatic.executor import Executor, LocalExecutor
from llmatic.genome import Genome, Rejection
from llmatic.llm import LLM
from llmatic.records import SEED_ID
from llmatic.sandbox import Isolation, choose, uses_gpu
from llmatic.stored import public

if TYPE_CHECKING:
    from llmatic.archive import Elite
    from llmatic.evaluate.prepare import Prepared
    from llmatic.evaluate.workbench import Workbench
    from llmatic.tracking import MlflowJournal

__all__ = [
    "MakeEvaluator",
    "MakeExecutor",
    "evaluators",
    "executors",
    "isolation_of",
    "limits_of",
    "parser",
    "prepared",
    "recorded_search",
    "sandbox_of",
    "seed_network",
    "stopwatch",
    "whole_network",
    "workbench",
    "writer",
]

MOST_SLOTS = 8
"""For each processor; several may share a GPU."""

MakeEvaluator = Callable[[], Evaluator]
MakeExecutor = Callable[[], AbstractContextManager[Executor]]


def parser(config: Config) -> Callable[[str], Genome | Rejection]:
    """What finds the network in a text."""
    if isinstance(config.evaluator, TableConfig):
        from llmatic.nasbench201 import cell

        return cell.parse
    return genome.parse


def seed_network(config: Config, recorded: MlflowJournal | None = None) -> str:
    """Source of the network to start from: the recorded search's, the user's, or the paper's.

    Raises:
        ConfigError: The user's file cannot be read or holds no network.
    """
    if recorded is not None:
        return recorded.source(SEED_ID)
    channels, height, width = config.dataset.input_shape
    path = config.dataset.seed_network
    if path is None and isinstance(config.evaluator, TableConfig):
        from llmatic.nasbench201.cell import SEED

        return SEED.source
    if path is None:
        return genome.seed_source((channels, height, width), config.dataset.classes)
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"dataset.seed_network={path}: cannot be read ({error})") from None
    parsed = parser(config)(text)
    if isinstance(parsed, Rejection):
        raise ConfigError(f"dataset.seed_network={path}: {parsed.status}: {parsed.reason}")
    return parsed.source


def whole_network(config: Config, source: str) -> str:
    """Source of a candidate's network that needs nothing but PyTorch."""
    if isinstance(config.evaluator, TableConfig):
        from llmatic.nasbench201.cell import read_cell
        from llmatic.nasbench201.skeleton import network_source

        return network_source(read_cell(source), config.dataset.classes)
    return source


def recorded_search(config: Config) -> MlflowJournal | None:
    """The search whose completions are gone through again, to be read; None without one.

    Raises:
        TrackingError: It cannot be read.
    """
    if not isinstance(config.llm, ReplayConfig):
        return None

    from llmatic.tracking import open_search

    return open_search(config.tracking, config.llm.run, read_only=True)


def writer(config: Config, recorded: MlflowJournal | None, say: Callable[[str], None]) -> LLM:
    """The writer that is configured, after a look at whether it can be used.

    Args:
        config: Settings.
        recorded: From `recorded_search`.
        say: Called with what the user should read.

    Raises:
        LLMError: It cannot; nothing has been written or loaded.
    """
    match config.llm:
        case GrammarConfig() if isinstance(config.evaluator, TableConfig):
            from llmatic.nasbench201.writer import CellWriter

            return CellWriter()
        case GrammarConfig():
            from llmatic.llm.grammar import GrammarWriter

            return GrammarWriter(max_flops=config.dataset.flops.high)
        case TransformersConfig() as llm:
            # It writes while networks train on the same cores: its threads wait asleep. OpenMP
            # reads this when torch is loaded.
            os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
            from llmatic.llm.transformers import TransformersLLM

            return _checked(TransformersLLM(llm, say), config, llm)
        case OpenAIConfig() as llm:
            from llmatic.llm.openai import OpenAILLM

            return _checked(OpenAILLM(llm, say), config, llm)
        case ReplayConfig():
            from llmatic.llm.replay import ReplayLLM

            assert recorded is not None
            return ReplayLLM(recorded.draft)


def _checked(llm: LLM, config: Config, model: TransformersConfig | OpenAIConfig) -> LLM:
    """A model whose answers are looked at before they are tried, so far as that is configured."""
    from llmatic.llm.mending import MendingLLM
    from llmatic.llm.rewriting import RewritingLLM

    if model.mend_sizes:
        llm = MendingLLM(llm)
    return RewritingLLM(llm, model.tries, parser(config)) if model.tries > 1 else llm


@contextmanager
def evaluators(config: Config) -> Iterator[MakeEvaluator]:
    """A way to make one evaluator per slot; they share what they measure with.

    Raises:
        ConfigError: Networks are to be trained on a GPU, and there is none.
        DataError: The data set is not there, or not as its configuration says.
        SandboxError: Generated code cannot be kept apart here.
    """
    match config.evaluator:
        case TableConfig(fitness=fitness):
            from llmatic.nasbench201.evaluator import TableEvaluator

            table = config.dataset.name.removeprefix("nasbench201_")
            yield lambda: TableEvaluator(table, fitness)
        case TrainedConfig() as limits:
            from llmatic.evaluate.trained import TrainedEvaluator, prepare

            isolation = isolation_of(config)
            with prepare(config.dataset, _secrets(config)) as data:
                yield partial(TrainedEvaluator, data, config.trainer, limits, isolation)


@contextmanager
def executors(config: Config, say: Callable[[str], None]) -> Iterator[MakeExecutor]:
    """A way to make what measures a search's networks.

    Args:
        config: Settings.
        say: Called with what the user should read.

    Raises:
        ClusterError: The Ray cluster cannot be reached, or has no room.
        ConfigError: Ray is not installed, or there are too many slots for this machine.
        DataError: The data set is not there, or not as its configuration says.
        SandboxError: Generated code cannot be kept apart here.
    """
    match config.executor:
        case LocalConfig(slots=slots):
            processors = os.cpu_count() or 1
            if slots > MOST_SLOTS * processors:
                raise ConfigError(
                    f"executor.slots={slots}: at most {MOST_SLOTS * processors}, {MOST_SLOTS} for "
                    f"each of the {processors} processors here"
                )
            with evaluators(config) as make:
                yield lambda: LocalExecutor(make, slots)
        case RayConfig() as cluster:
            try:
                from llmatic.cluster import RayExecutor
            except ModuleNotFoundError as error:
                if error.name != "ray":
                    raise
                missing = "Ray is not installed: pip install 'llmatic[ray]'"
                raise ConfigError(f"executor=ray: {missing}") from None

            say("Joining the Ray cluster ..." if cluster.address else "Starting Ray ...")
            on_node = partial(evaluators, public(config))
            with RayExecutor(cluster, on_node, say, _secrets(config)) as executor:
                yield lambda: nullcontext(executor)


@contextmanager
def prepared(config: Config, *, with_validation: bool = False) -> Iterator[Prepared]:
    """The data set of a search that trains, made ready on this machine.

    Raises:
        ConfigError: The search looked up a table.
        DataError: The data set is not there, or not as its configuration says.
    """
    from llmatic.evaluate.prepare import prepare

    limits_of(config)
    with prepare(config.dataset, _secrets(config), with_validation=with_validation) as data:
        yield data


@contextmanager
def workbench(config: Config) -> Iterator[Workbench]:
    """Where networks of a search that trains are used: predicted with, timed, exported.

    Raises:
        ConfigError: The search looked up a table.
        DataError: The data set is not there, or not as its configuration says.
        SandboxError: Generated code cannot be kept apart here.
    """
    from llmatic.evaluate.workbench import Workbench

    isolation = choose(config.sandbox.name)
    with prepared(config) as data:
        yield Workbench(data, limits_of(config), isolation)


@contextmanager
def stopwatch(
    config: Config, journal: MlflowJournal, batch_size: int, say: Callable[[str], None]
) -> Iterator[Callable[[Elite], float]]:
    """A way to time the networks of a search that trains: the median seconds of one batch, here.

    Args:
        config: Settings.
        journal: Of the search.
        batch_size: Images of a batch.
        say: Called where a network cannot be timed; it takes forever.

    Raises:
        ConfigError: The search looked up a table.
        DataError: The data set is not there, or not as its configuration says.
        SandboxError: Generated code cannot be kept apart here.
    """
    from llmatic.evaluate.workbench import WorkbenchError

    with workbench(config) as bench:

        def latency_s(elite: Elite) -> float:
            id = elite.candidate.proposal.id
            try:
                return bench.latency_s(journal.source(id), batch_size)
            except WorkbenchError as error:
                say(f"{id} is left out: {error}")
                return math.inf

        yield latency_s


def isolation_of(config: Config) -> Isolation:
    """How networks are kept apart while they are trained.

    Raises:
        ConfigError: They are to be trained on a GPU, and there is none.
        SandboxError: They cannot be here.
    """
    trainer = config.trainer
    gpu = uses_gpu(trainer.accelerator)
    if trainer.accelerator == "gpu" and not gpu:
        raise ConfigError(
            "trainer.accelerator=gpu: there is no GPU here that PyTorch can use; auto takes what "
            "there is"
        )
    return choose(config.sandbox.name, gpu=gpu, loopback=trainer.devices > 1)


def limits_of(config: Config) -> TrainedConfig:
    """What a search that trains allows its networks.

    Raises:
        ConfigError: The search looked up a table.
    """
    if not isinstance(config.evaluator, TrainedConfig):
        raise ConfigError(
            f"evaluator={config.evaluator.kind}: this search trained no networks, it looked them up"
        )
    return config.evaluator


def sandbox_of(config: Config) -> str:
    """How generated code is kept apart, for the record."""
    if isinstance(config.executor, RayConfig):
        return f"{config.sandbox.name}, chosen on each node"
    return str(isolation_of(config))


def _secrets(config: Config) -> set[str]:
    """Environment variables that are for this process alone."""
    names = {name for name in os.environ if name.startswith("MLFLOW_") or name.endswith("_API_KEY")}
    if isinstance(config.llm, OpenAIConfig) and config.llm.api_key_env is not None:
        names.add(config.llm.api_key_env)
    return names
