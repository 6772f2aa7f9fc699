"""From Python and notebooks: run a search, open one, take networks out of it.

    import llmatic.api as llmatic

    found = llmatic.search("dataset=digits", "search.generations=3")
    found.elites                          # a DataFrame, one row for each niche that is filled
    best = found.best(max_flops=100_000)  # an id, as in "3-9"
    print(found.source(best))

The same parts as the command line's. Everything stays in the sandbox but
`Found.network`, which has to be asked for explicitly.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from llmatic import config as configuration
from llmatic import finding, hints, launch, parts, picking, report, stored, tracking, view
from llmatic.errors import UserError
from llmatic.loop import Progress
from llmatic.report.live import LiveReport
from llmatic.search import SeedFailedError

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from llmatic.config import Config, TrackingConfig
    from llmatic.search import Search
    from llmatic.tracking import MlflowJournal

__all__ = ["Found", "open", "search"]


class Found:
    """A search that was run, as far as its complete generations go; made by `open`.

    Attributes:
        run_id: Its MLflow run.
        settings: What it was run with.
    """

    def __init__(self, store: TrackingConfig, journal: MlflowJournal) -> None:
        self._store = store
        self.run_id: str = journal.run_id
        self.settings: Config = stored.settings(journal)
        self._journal = journal
        self._archives: Search = launch.replay(journal)

    @property
    def elites(self) -> pd.DataFrame:
        """The network archive: one row for each filled niche, indexed by candidate, fittest first.

        Columns as in ``llmatic show --json``: fitness, accuracies in [0, 1], FLOPs
        (multiply-accumulates of one image), parameters, how it was made, and more.
        """
        import pandas as pd

        mutations = launch.mutations(self.settings)
        elites = picking.pick(self._archives.networks.elites(), picking.Budget())
        rows = [view.elite_json(each, mutations, self._journal.candidate_run_id) for each in elites]
        return pd.DataFrame(rows).set_index("candidate")

    def best(
        self,
        max_flops: float | str | None = None,
        max_params: float | str | None = None,
        min_accuracy: float | None = None,
        max_latency: float | str | None = None,
        batch_size: int = 1,
    ) -> str:
        """The candidate that is best within a budget, as in ``3-9``.

        Args:
            max_flops: Multiply-accumulates of one image; a number, or a text as in ``5M``.
            max_params: Trainable parameters, likewise.
            min_accuracy: On the validation images, from 0 to 1.
            max_latency: Of one batch on this machine, in seconds, or a text as in ``2ms``;
                networks are timed in the sandbox here and now, fittest first.
            batch_size: Images of that batch.

        Raises:
            BudgetError: No network is within it, and what there is; or it is no budget.
            UserError: Networks cannot be timed here.
        """
        budget = picking.budget(max_flops, max_params, min_accuracy)
        if batch_size < 1:
            raise UserError(f"batch_size={batch_size}: must be at least 1")
        limit_s = None if max_latency is None else picking.latency_s(max_latency)
        chosen = picking.pick(self._archives.networks.elites(), budget)
        if limit_s is not None:
            with parts.stopwatch(self.settings, self._journal, batch_size, print) as time_s:
                chosen = [each for each, _ in picking.fast(chosen, time_s, limit_s, 1)]
        return str(chosen[0].candidate.proposal.id)

    def source(self, candidate: str) -> str:
        """The source of a candidate's network.

        Raises:
            NetworkError: There is no such network.
        """
        return parts.whole_network(self.settings, finding.network(self._journal, candidate)[1])

    def network(self, candidate: str, *, execute_generated_code: bool = False) -> nn.Module:
        """A network with its weights, in this process; expects standardised images.

        **This executes what a writer wrote, with your rights and outside of any sandbox.**
        Read `source` first. What `llmatic register` and `llmatic export` make executes
        nothing generated, and takes images as they come.

        Args:
            candidate: As in ``3-9``; an elite, or one that was trained since.
            execute_generated_code: Has to be True.

        Raises:
            UserError: It is not.
            NetworkError: There is no such network, or it has no weights.
        """
        if not execute_generated_code:
            raise UserError(
                "network() executes generated code in this process, outside of the sandbox; "
                "read source() first, then pass execute_generated_code=True"
            )
        from llmatic.network.build import restore

        trainings = tracking.trainings(self._store, self.run_id, candidate)
        found = finding.found(self._journal, candidate, trainings)
        return restore(found.source, self.settings.dataset.input_shape, found.weights)

    def figures(self, folder: str | Path) -> list[Path]:
        """Draw the report into a folder: every figure as PNG, and a page that holds them all.

        Returns:
            The page first, then the figures.
        """
        facts, _ = report.read(self._store, self.run_id)
        drawn = report.make([facts], hints.program())
        page = drawn.save(Path(folder))
        return [page, *map(Path, drawn.files(Path(folder)).values())]


def open(run: str, *overrides: str) -> Found:
    """A search of the tracking store, to be read.

    Args:
        run: Its run id, or the beginning of it.
        overrides: ``KEY=VALUE`` texts that say where the store is.

    Raises:
        ConfigError: An override is wrong.
        TrackingError: There is no such search, or the store cannot be reached.
    """
    store = configuration.compose(overrides).tracking
    return Found(store, tracking.open_search(store, run, read_only=True))


def search(*overrides: str, observe: Callable[[Progress], None] = lambda state: None) -> Found:
    """Run a new search to its end, and draw its report, which its run in MLflow keeps.

    Interrupt it, and `llmatic resume` goes on.

    Args:
        overrides: ``KEY=VALUE`` texts, as on the command line.
        observe: Called after every candidate.

    Raises:
        UserError: A setting is wrong, or something that it names is not there.
    """
    settings = configuration.compose(overrides)
    recorded = parts.recorded_search(settings)
    if recorded is not None:
        settings = stored.recorded_settings(settings, recorded, overrides)
    llm, seed = parts.writer(settings, recorded, print), parts.seed_network(settings, recorded)
    with parts.executors(settings, print) as make, launch.new_search(settings) as journal:
        drawing = LiveReport(
            settings.tracking, journal.run_id, hints.program(), settings.report.refresh_s, print
        )

        def observed(state: Progress) -> None:
            observe(state)
            drawing(state)

        try:
            with drawing:
                _, limit = launch.run(journal, settings, llm, seed, make, observed)
        except SeedFailedError:
            with suppress(UserError):  # what was wrong with the seed is what matters
                journal.end("failed")
            raise
        journal.end("finished" if limit is None else "interrupted")
        drawing.finish()
        run_id = journal.run_id
    return open(run_id, *(each for each in overrides if each.startswith("tracking")))
