"""The constants of the search, and what it may use up."""

from __future__ import annotations

from dataclasses import dataclass

from llmatic.config.checks import one_of, require

__all__ = ["BudgetConfig", "SearchConfig"]


@dataclass(frozen=True)
class BudgetConfig:
    """What a search may use up before it stops, whichever comes first; null: no limit."""

    evaluations: int | None
    hours: float | None
    tokens: int | None
    usd: float | None

    def __post_init__(self) -> None:
        for name in ("evaluations", "hours", "tokens", "usd"):
            value = getattr(self, name)
            require(value is None or value > 0, f"search.budget.{name}", value, "above 0 or null")


@dataclass(frozen=True)
class SearchConfig:
    """The constants of Algorithm 1 (Nasir et al. 2024), by name."""

    generations: int
    batch_size: int
    pool: int | None
    niches: int
    centroid_samples: int
    parents_from: str
    prompts_from: str
    population: int
    init_from: str
    init_networks: int
    init_prompts: int
    init_temperature: float
    operator_draw: str
    mutation_probability: float
    create_share: float
    fresh_share: float
    curious_share: float
    perturbed_share: float
    temperature_perturbation: float
    temperature_step: float
    crossover_elites: int
    crossover_neighbours: list[int]
    crossover_temperature: float
    curiosity_entered: float
    curiosity_rejected: float
    curiosity_untrainable: float
    map_share: float
    patience: int | None
    repair: bool
    budget: BudgetConfig

    def __post_init__(self) -> None:
        counts = ("generations", "batch_size", "niches", "population")
        for name in (*counts, "init_networks", "init_prompts"):
            value = getattr(self, name)
            require(value > 0, f"search.{name}", value, "at least 1")
        require(
            self.centroid_samples >= self.niches,
            "search.centroid_samples",
            self.centroid_samples,
            f"at least search.niches={self.niches}",
        )
        for name in ("init_temperature", "crossover_temperature"):
            value = getattr(self, name)
            require(0 < value <= 1, f"search.{name}", value, "in (0, 1]")
        shares = ("create_share", "fresh_share", "curious_share", "perturbed_share", "map_share")
        for name in ("mutation_probability", *shares):
            value = getattr(self, name)
            require(0 <= value <= 1, f"search.{name}", value, "in [0, 1]")
        for name in ("temperature_perturbation", "temperature_step"):
            value = getattr(self, name)
            require(0 <= value < 1, f"search.{name}", value, "in [0, 1)")
        one_of("search.init_from", self.init_from, ("seed", "scratch"))
        one_of("search.parents_from", self.parents_from, ("archive", "population", "both"))
        one_of("search.prompts_from", self.prompts_from, ("archive", "population"))
        require(
            self.pool is None or self.pool >= self.batch_size,
            "search.pool",
            self.pool,
            f"at least search.batch_size={self.batch_size}, or null",
        )
        require(
            self.patience is None or self.patience > 0,
            "search.patience",
            self.patience,
            "at least 1, or null",
        )
        one_of("search.operator_draw", self.operator_draw, ("generation", "candidate"))
        require(
            self.crossover_elites > 0,
            "search.crossover_elites",
            self.crossover_elites,
            "at least 1",
        )
        neighbours = self.crossover_neighbours
        require(
            len(neighbours) > 0 and min(neighbours, default=0) > 0,
            "search.crossover_neighbours",
            neighbours,
            "a list of numbers of at least 1",
        )

    @property
    def written(self) -> int:
        """Candidates that are written in a generation."""
        return self.pool or self.batch_size
