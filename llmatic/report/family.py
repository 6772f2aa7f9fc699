"""Where a network came from: its ancestors, and the change of code at each step.

Knows candidates and sources; nothing of how either is shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmatic.records import Candidate, CandidateId

__all__ = ["Family", "Step", "trace"]

_CONTEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One network of the line that leads to the last.

    Attributes:
        candidate: Which.
        others: Further parents, besides the step before.
        changes: Lines of a unified diff against the step before, without its header; empty for
            the first.
        source: The whole network, or what was written in its place.
    """

    candidate: Candidate
    others: tuple[Candidate, ...]
    changes: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Family:
    """A network's ancestors.

    Attributes:
        line: From the seed network, always by the first parent, to the network itself.
        ancestors: All of them and the network itself, in id order.
    """

    line: tuple[Step, ...]
    ancestors: tuple[Candidate, ...]


def trace(
    last: Candidate,
    candidates: Mapping[CandidateId, Candidate],
    source: Callable[[CandidateId], str],
) -> Family:
    """Follow a network back to where it came from.

    Args:
        last: The network.
        candidates: All that it may descend from, by id.
        source: Gives the source of a candidate.
    """
    line = [last]
    while line[-1].proposal.parents:
        line.append(candidates[line[-1].proposal.parents[0]])
    steps: list[Step] = []
    for candidate in reversed(line):
        text = source(candidate.proposal.id)
        others = tuple(candidates[parent] for parent in candidate.proposal.parents[1:])
        changes = _changes(steps[-1].source, text) if steps else ()
        steps.append(Step(candidate, others, changes, text))
    return Family(tuple(steps), _ancestors(last, candidates))


def _ancestors(
    last: Candidate, candidates: Mapping[CandidateId, Candidate]
) -> tuple[Candidate, ...]:
    found = {last.proposal.id: last}
    unvisited = [last]
    while unvisited:
        for parent in unvisited.pop().proposal.parents:
            if parent not in found:
                found[parent] = candidates[parent]
                unvisited.append(candidates[parent])
    return tuple(found[id] for id in sorted(found))


def _changes(parent: str, child: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(
        parent.splitlines(), child.splitlines(), n=_CONTEXT_LINES, lineterm=""
    )
    return tuple(lines)[2:]
