"""What functions and methods of tensors do to shapes.

One table serves ``torch.relu(x)``, ``F.relu(x)`` and ``x.relu()``: the tensor
comes first. What is not in it cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from llmatic.llm.grammar.reading.fresh import FRESH, flat
from llmatic.llm.grammar.reading.layers import RULES, pooled
from llmatic.llm.grammar.reading.names import BINARY, PAIRS, REDUCING, UNCHANGED
from llmatic.llm.grammar.reading.several import SEVERAL
from llmatic.llm.grammar.reading.shapes import Mender, axis, broadcast, integer, reshape, slide
from llmatic.llm.grammar.reading.signatures import PARAMETERS
from llmatic.llm.grammar.reading.values import (
    PLACEHOLDER,
    Layer,
    Shape,
    Tensor,
    UnreadableError,
    Value,
)

__all__ = ["call", "elementwise", "indexed"]

Named = dict[str, Value]


def call(name: str, args: list[Value], named: Named, mender: Mender) -> Value:
    """Run a function on shapes.

    Raises:
        UnreadableError: If it would fail or is not known.
    """
    if name in FRESH:
        return Tensor(FRESH[name](args, named))
    if name in ("hstack", "vstack"):
        name, named = "cat", {"dim": int(name == "hstack")}
    if name in ("cat", "concat", "concatenate", "stack"):
        return joined(name, args, named, mender)
    if not args:
        tensor = named.get("input", named.get("x"))
        args, named = [tensor], {key: each for key, each in named.items() if key != "input"}
    if name in BINARY:
        return elementwise(args[0], args[1], mender)
    if name in SEVERAL:
        return SEVERAL[name](args, named, mender)
    if name in PAIRS and len(args) > 1 and isinstance(args[1], Tensor):
        return elementwise(args[0], args[1], mender)
    if not isinstance(args[0], Tensor):
        raise UnreadableError(f"{name} wants a tensor")
    shape, rest = args[0].shape, args[1:]
    if name in UNCHANGED:
        return Tensor(shape)
    if name in REDUCING:
        return reduced(name, shape, rest, named)
    rule = SHAPED.get(name)
    if rule is not None:
        return rule(shape, rest, named, mender)
    kind = LAYERS.get(name)
    if kind is None:
        raise UnreadableError(f"unknown function {name}")
    arguments = {**PARAMETERS[kind], **dict(zip(PARAMETERS[kind], rest, strict=False)), **named}
    return RULES[kind](Layer(kind, arguments, PLACEHOLDER), shape, mender).value


def elementwise(left: Value, right: Value, mender: Mender) -> Value:
    """The result of arithmetic in which at least one side is a tensor."""
    if isinstance(left, Tensor) and isinstance(right, Tensor):
        return Tensor(broadcast(left.shape, right.shape, mender))
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Tensor) and isinstance(other, int | float):
            return one
    raise UnreadableError("no arithmetic on these")


def joined(name: str, args: list[Value], named: Named, mender: Mender) -> Value:
    """Tensors put together along an old or a new axis."""
    parts = args[0] if args else named.get("tensors")
    dim = args[1] if len(args) > 1 else named.get("dim", named.get("axis", 0))
    if not isinstance(parts, list | tuple) or not parts:
        raise UnreadableError("nothing to put together")
    shapes = [part.shape for part in parts if isinstance(part, Tensor)]
    first = shapes[0] if len(shapes) == len(parts) else ()
    if any(len(shape) != len(first) for shape in shapes):
        raise UnreadableError("tensors of different ranks")
    at = axis(dim, len(first) + (name == "stack"))
    total = 0
    for shape in shapes:
        for position, (one, other) in enumerate(zip(first, shape, strict=True)):
            if one != other and (name == "stack" or position != at):
                mender.settle(other, one)
        total += 1 if name == "stack" else shape[at]
    joint = total if len(shapes) > 1 or name == "stack" else first[at]
    return Tensor((*first[:at], joint, *first[at + (name != "stack") :]))


def reduced(name: str, shape: Shape, rest: list[Value], named: Named) -> Value:
    """A mean, a sum, a maximum, ... over some axes or all."""
    rest = rest[1:] if name == "norm" else rest
    dims = rest[0] if rest else named.get("dim", named.get("axis"))
    if dims is None:
        return Tensor(())
    chosen = {
        axis(each, len(shape)) for each in (dims if isinstance(dims, list | tuple) else (dims,))
    }
    keep = rest[1] if len(rest) > 1 else named.get("keepdim", False)
    result = Tensor(
        tuple(1 if at in chosen else n for at, n in enumerate(shape) if keep or at not in chosen)
    )
    return (result, result) if name in PAIRS else result


def permute(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Axes in another order."""
    order = [axis(each, len(shape)) for each in flat(rest or [named.get("dims", ())])]
    if sorted(order) != list(range(len(shape))):
        raise UnreadableError("not an order of the axes")
    return Tensor(tuple(shape[at] for at in order))


def transpose(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Two axes exchanged."""
    given = [*rest, *(named[key] for key in ("dim0", "dim1") if key in named)]
    one, other = (axis(each, len(shape)) for each in given)
    swapped = list(shape)
    swapped[one], swapped[other] = shape[other], shape[one]
    return Tensor(tuple(swapped))


def squeeze(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Axes of length one removed."""
    given = flat(rest or ([named["dim"]] if "dim" in named else []))
    dims = {axis(each, len(shape)) for each in given} if given else set(range(len(shape)))
    return Tensor(tuple(n for at, n in enumerate(shape) if n != 1 or at not in dims))


def unsqueeze(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """An axis of length one added."""
    at = axis(rest[0] if rest else named["dim"], len(shape) + 1)
    return Tensor((*shape[:at], 1, *shape[at:]))


def flatten(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Several axes made one; all of them where not told otherwise."""
    arguments: Named = {"start_dim": 0, "end_dim": -1, **named}
    arguments |= dict(zip(("start_dim", "end_dim"), rest, strict=False))
    return RULES["Flatten"](Layer("Flatten", arguments, PLACEHOLDER), shape, mender).value


def unflatten(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """One axis made several."""
    given = [*rest, *(named[key] for key in ("dim", "sizes") if key in named)]
    arguments = {"dim": given[0], "unflattened_size": given[1]}
    return RULES["Unflatten"](Layer("Unflatten", arguments, PLACEHOLDER), shape, mender).value


def view(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """The same numbers in another shape."""
    return Tensor(reshape(shape, flat(rest or [named.get("shape", ())]), mender))


def size(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """The length of one axis, or of all."""
    given = [*rest, *named.values()]
    return shape[axis(given[0], len(shape))] if given else shape


def expand(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Axes of length one repeated."""
    sizes = [integer(each) for each in flat(rest)]
    if len(sizes) < len(shape):
        raise UnreadableError("too few sizes")
    old = (1,) * (len(sizes) - len(shape)) + shape
    if any(new not in (-1, n) and n != 1 for new, n in zip(sizes, old, strict=True)):
        raise UnreadableError("cannot be expanded so")
    return Tensor(tuple(n if new == -1 else new for new, n in zip(sizes, old, strict=True)))


def repeat(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Copies along every axis."""
    times = [integer(each) for each in flat(rest)]
    old = (1,) * (len(times) - len(shape)) + shape
    return Tensor(tuple(n * count for n, count in zip(old, times, strict=True)))


def chunk(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Parts along an axis: ``chunk`` by number."""
    count = integer(rest[0] if rest else named["chunks"])
    at = axis(rest[1] if len(rest) > 1 else named.get("dim", 0), len(shape))
    if not 0 < count <= MOST_PARTS or shape[at] % count:
        raise UnreadableError("parts of different lengths")
    return (Tensor((*shape[:at], shape[at] // count, *shape[at + 1 :])),) * count


def split(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Parts along an axis: ``split`` by length."""
    given = rest[0] if rest else named["split_size_or_sections"]
    at = axis(rest[1] if len(rest) > 1 else named.get("dim", 0), len(shape))
    if isinstance(given, list | tuple):
        lengths = [integer(each) for each in given]
    else:
        length = integer(given)
        if length < 1 or shape[at] // length > MOST_PARTS:
            raise UnreadableError("too many parts")
        lengths = [min(length, shape[at] - start) for start in range(0, shape[at], length)]
    if sum(lengths) != shape[at]:
        raise UnreadableError("parts do not add up")
    return tuple(Tensor((*shape[:at], each, *shape[at + 1 :])) for each in lengths)


def window(axes: int) -> Callable[[Shape, list[Value], Named, Mender], Value]:
    """Pooling with a window over some axes."""

    def rule(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
        names = ("kernel_size", "stride", "padding")
        return Tensor(pooled(shape, axes, {**dict(zip(names, rest, strict=False)), **named}))

    return rule


def unfold_axis(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """Windows along an axis, as a new last one."""
    names = ("dimension", "size", "step")
    given = {**dict(zip(names, rest, strict=False)), **named}
    at = axis(given["dimension"], len(shape))
    size, step = integer(given["size"]), integer(given["step"])
    return Tensor((*shape[:at], slide(shape[at], size, step, 0), *shape[at + 1 :], size))


def halved(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """``glu``: one half of an axis gates the other."""
    at = axis(rest[0] if rest else named.get("dim", -1), len(shape))
    if shape[at] % 2:
        raise UnreadableError("an odd length has no halves")
    return Tensor((*shape[:at], shape[at] // 2, *shape[at + 1 :]))


def unbind(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """The slices along an axis."""
    at = axis(rest[0] if rest else named.get("dim", 0), len(shape))
    if shape[at] > MOST_PARTS:
        raise UnreadableError("too many parts")
    return (Tensor((*shape[:at], *shape[at + 1 :])),) * shape[at]


def movedim(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """An axis put elsewhere."""
    source, target = (axis(each, len(shape)) for each in (*rest, *named.values()))
    others = [length for at, length in enumerate(shape) if at != source]
    return Tensor((*others[:target], shape[source], *others[target:]))


def matrix_transpose(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """A matrix with its axes exchanged."""
    if len(shape) > 2:
        raise UnreadableError("no matrix")
    return Tensor(shape[::-1])


def largest(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """``topk``: the largest along an axis, and where they are."""
    given = {**dict(zip(("k", "dim"), rest, strict=False)), **named}
    at, many = axis(given.get("dim", -1), len(shape)), integer(given["k"])
    if not 0 < many <= shape[at]:
        raise UnreadableError("not as many")
    found = Tensor((*shape[:at], many, *shape[at + 1 :]))
    return found, found


def ordered(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """``sort``: the numbers along an axis in order, and where they were."""
    return Tensor(shape), Tensor(shape)


def of_other_sizes(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """``new_zeros`` and its like."""
    return Tensor(FRESH["zeros"](rest, named))


def pad(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """A margin around the last axes."""
    margins = flat([rest[0] if rest else named["pad"]])
    result = list(shape)
    if len(margins) % 2 or len(margins) // 2 > len(shape):
        raise UnreadableError("cannot be padded so")
    for position, margin in enumerate(margins):
        result[-1 - position // 2] += integer(margin)
    if min(result) < 1:
        raise UnreadableError("nothing would be left")
    return Tensor(tuple(result))


def indexed(shape: Shape, index: Value) -> Tensor:
    """The shape after ``x[index]``; slices are objects of type ``slice``."""
    keys = list(index) if isinstance(index, tuple) else [index]
    taken = sum(key is not None and key is not ... for key in keys)
    if ... in keys:
        at = keys.index(...)
        keys[at : at + 1] = [slice(None)] * (len(shape) - taken)
    result: list[int] = []
    remaining = list(shape)
    for key in keys:
        if key is None:
            result.append(1)
            continue
        length = remaining.pop(0)
        if isinstance(key, slice):
            whole = key == slice(None)
            result.append(length if whole else len(range(*key.indices(length))))
        else:
            axis(key, length)
    if 0 in result:
        raise UnreadableError("nothing would be left")
    return Tensor((*result, *remaining))


def rank(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """The number of axes."""
    return len(shape)


def count(shape: Shape, rest: list[Value], named: Named, mender: Mender) -> Value:
    """The number of numbers."""
    return prod(shape)


MOST_PARTS = 64
Rule = Callable[[Shape, list[Value], Named, Mender], Value]
SHAPED: dict[str, Rule] = {
    "permute": permute,
    "transpose": transpose,
    "swapaxes": transpose,
    "squeeze": squeeze,
    "unsqueeze": unsqueeze,
    "flatten": flatten,
    "unflatten": unflatten,
    "view": view,
    "reshape": view,
    "size": size,
    "expand": expand,
    "repeat": repeat,
    "chunk": chunk,
    "split": split,
    "pad": pad,
    "dim": rank,
    "glu": halved,
    "movedim": movedim,
    "new_empty": of_other_sizes,
    "new_ones": of_other_sizes,
    "new_zeros": of_other_sizes,
    "sort": ordered,
    "t": matrix_transpose,
    "topk": largest,
    "unbind": unbind,
    "unfold_axis": unfold_axis,
    "ndimension": rank,
    "numel": count,
    "max_pool1d": window(1),
    "avg_pool1d": window(1),
    "max_pool2d": window(2),
    "avg_pool2d": window(2),
}
LAYERS = {
    "adaptive_avg_pool1d": "AdaptiveAvgPool1d",
    "adaptive_avg_pool2d": "AdaptiveAvgPool2d",
    "adaptive_max_pool1d": "AdaptiveMaxPool1d",
    "adaptive_max_pool2d": "AdaptiveMaxPool2d",
    "interpolate": "Upsample",
    "unfold": "Unfold",
    "pixel_shuffle": "PixelShuffle",
    "pixel_unshuffle": "PixelUnshuffle",
}
