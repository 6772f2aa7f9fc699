"""Several searches side by side: which differ in their seed alone, and how the rest differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmatic import stored
from llmatic.errors import UserError
from llmatic.report.facts import Facts

__all__ = ["Group", "check_comparable", "groups"]

_NAMED = 2
"""Settings that a group's name holds at most."""


@dataclass(frozen=True, slots=True)
class Group:
    """Searches with the same settings, but for their seeds.

    Attributes:
        name: The settings that tell it from the other groups; for a group alone, its search's.
        searches: At least one.
    """

    name: str
    searches: tuple[Facts, ...]


def check_comparable(searches: Sequence[Facts]) -> None:
    """Refuse to draw searches of different things into one figure.

    Raises:
        UserError: They are of different data sets, or of different accuracies.
    """
    for what, values in (
        ("data sets", {each.config.dataset.name for each in searches}),
        ("accuracies", {each.accuracy for each in searches}),
    ):
        if len(values) > 1:
            raise UserError(
                f"these searches are of different {what} ({', '.join(sorted(values))}); "
                "make a report of each"
            )


def groups(searches: Sequence[Facts]) -> list[Group]:
    """Searches by their settings, in the order of first appearance."""
    found: dict[tuple[tuple[str, str], ...], list[Facts]] = {}
    for facts in searches:
        found.setdefault(tuple(sorted(_settings(facts).items())), []).append(facts)
    settings = [dict(key) for key in found]
    names = {name for each in settings for name in each}
    differing = [name for name in sorted(names) if len({each.get(name) for each in settings}) > 1]
    if "llm.name" in differing:
        differing = [
            name for name in differing if not name.startswith("llm.") or name == "llm.name"
        ]
    return [
        Group(_name(key, differing) or same[0].name, tuple(same))
        for key, same in zip(settings, found.values(), strict=True)
    ]


def _settings(facts: Facts) -> dict[str, str]:
    """What decides the outcome of a search, but for its seed."""
    free = ("seed", "name", *stored.resumable(facts.config))
    return {
        name: value
        for name, value in facts.settings.items()
        if not any(name == each or (each.endswith(".") and name.startswith(each)) for each in free)
    }


def _name(settings: dict[str, str], differing: Sequence[str]) -> str:
    parts = [f"{name.rpartition('.')[2]}={settings.get(name, '-')}" for name in differing]
    more = [f"{len(parts) - _NAMED} more"] if len(parts) > _NAMED else []
    return ", ".join([*parts[:_NAMED], *more])
