"""Arithmetic on shapes, and the mending of sizes that do not fit.

Where two sizes have to agree and do not, `Mender` notes which stretch of text
to replace by which number and carries on as if that had been done. Knows no
layers and no syntax.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from llmatic.llm.grammar.reading.text import Span
from llmatic.llm.grammar.reading.values import BATCH, Shape, Size, UnreadableError, Value

__all__ = ["Mender", "axis", "broadcast", "integer", "pair", "reshape", "slide"]

LARGEST = 1 << 40


class Mender:
    """Collects the numbers to be replaced.

    Attributes:
        fixes: New numbers by the stretch of text they replace.
        merges: Whether ``view(-1, size)`` may make images and parts of them one axis; otherwise
            that is a size to be mended.
    """

    def __init__(self, *, merges: bool) -> None:
        self.fixes: dict[Span, int] = {}
        self.merges = merges

    def settle(self, value: Value, wanted: int) -> None:
        """Make sure that a size is what it has to be.

        Raises:
            UnreadableError: If it is not and no text can be blamed.
        """
        if value == wanted and not isinstance(value, bool):
            return
        if not isinstance(value, Size) or self.fixes.get(value.at, wanted) != wanted:
            raise UnreadableError(f"{value} should be {wanted}")
        self.fixes[value.at] = wanted


def integer(value: Value) -> int:
    """The value as a size.

    Raises:
        UnreadableError: If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise UnreadableError("not a size")
    return value


def pair(value: Value, length: int = 2) -> tuple[int, ...]:
    """One size for each spatial axis."""
    if isinstance(value, list | tuple):
        if len(value) != length:
            raise UnreadableError("wrong number of sizes")
        return tuple(integer(each) for each in value)
    return (integer(value),) * length


def axis(value: Value, rank: int) -> int:
    """An axis counted from the front."""
    found = integer(value)
    if not -rank <= found < rank:
        raise UnreadableError("no such axis")
    return found % rank


def slide(
    size: int, kernel: int, stride: int, padding: int, dilation: int = 1, ceil: bool = False
) -> int:
    """The number of positions of a window along an axis.

    Raises:
        UnreadableError: If there is none.
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if min(kernel, stride, dilation) < 1 or padding < 0 or room < 0:
        raise UnreadableError("the window does not fit")
    count = room // stride + 1
    if ceil and room % stride and count * stride < size + padding:
        count += 1
    return count


def broadcast(left: Shape, right: Shape, mender: Mender) -> Shape:
    """The shape of an elementwise operation on two tensors."""
    rank = max(len(left), len(right))
    left, right = (1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right
    result = []
    for one, other in zip(left, right, strict=True):
        if one != other and 1 not in (one, other):
            if isinstance(other, Size):
                mender.settle(other, one)
            else:
                mender.settle(one, other)
                one = other
        result.append(other if one == 1 else one)
    return tuple(result)


def reshape(shape: Shape, sizes: Sequence[Value], mender: Mender) -> Shape:
    """The shape after ``view``; a size that does not fit is mended where it can be."""
    wanted = [integer(size) for size in sizes]
    total = prod(shape)
    known = prod(size for size in wanted if size != -1)
    if -1 in wanted and wanted.count(-1) == 1:
        free = wanted.index(-1)
        is_merged = free == 0 and len(wanted) > 1 and shape[0] == BATCH and known * BATCH != total
        if is_merged and not (mender.merges and known > 0 and total % known == 0):
            known = mend_sizes(wanted, total // BATCH, mender)
        if known <= 0 or total % known:
            raise UnreadableError("cannot be viewed so")
        wanted[free] = total // known
    elif known != total:
        if wanted[0] != shape[0]:
            raise UnreadableError("cannot be viewed so")
        mend_sizes(wanted, total // shape[0], mender)
    if min(wanted, default=1) < 1:
        raise UnreadableError("cannot be viewed so")
    return tuple(wanted)


def mend_sizes(wanted: list[int], total: int, mender: Mender) -> int:
    """Change one of the sizes after the first so that their product is `total`."""
    for position, size in enumerate(wanted[1:], 1):
        others = prod(wanted[1:]) // size if size > 0 else 0
        if isinstance(size, Size) and others > 0 and total % others == 0:
            mender.settle(size, total // others)
            wanted[position] = total // others
            return total
    raise UnreadableError("cannot be viewed so")
