"""Several searches side by side: which differ in their seed alone, and how the rest differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
        name: Its searches' own, where that tells it from the others; else the settings that do.
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
    """Searches by their settings, in the order of first appearance; every name is another."""
    found: dict[tuple[tuple[str, str], ...], list[Facts]] = {}
    for facts in searches:
        found.setdefault(tuple(sorted(_settings(facts).items())), []).append(facts)
    given = [{facts.name for facts in same} for same in found.values()]
    if all(len(names) == 1 for names in given) and len(set.union(*given)) == len(given):
        names = [same[0].name for same in found.values()]
    else:
        names = _unique([_name(dict(key), [*map(dict, found)]) for key in found], searches[0].name)
    return [Group(name, tuple(same)) for name, same in zip(names, found.values(), strict=True)]


def _settings(facts: Facts) -> dict[str, str]:
    """What decides the outcome of a search, but for its seed."""
    free = ("seed", "name", "tracking.", *stored.resumable(facts.config))
    return {
        name: value
        for name, value in facts.settings.items()
        if not any(name == each or (each.endswith(".") and name.startswith(each)) for each in free)
    }


def _name(settings: Mapping[str, str], all_settings: Sequence[Mapping[str, str]]) -> str:
    """In what a group differs from most; of another writer its name is enough."""
    parts = []
    for key in sorted({key for each in all_settings for key in each}):
        usual = Counter(each.get(key) for each in all_settings).most_common(1)[0][0]
        value = settings.get(key)
        if value != usual and (key == "llm.name" or not key.startswith("llm.")):
            parts.append(f"{key.rpartition('.')[2]}={value}")
    more = [f"{len(parts) - _NAMED} more"] if len(parts) > _NAMED else []
    return ", ".join([*parts[:_NAMED], *more])


def _unique(names: Sequence[str], usual: str) -> list[str]:
    """The names, those that are empty or met before made up for."""
    taken: list[str] = []
    for name in names:
        name, count = name or usual, 2
        found = name
        while found in taken:
            found, count = f"{name} ({count})", count + 1
        taken.append(found)
    return taken
