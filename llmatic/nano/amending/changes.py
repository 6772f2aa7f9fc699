"""Other numbers, other activations, other kernels, and what is left out: edits of any source.

Proposes; whether a proposal works is for others to find out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from llmatic.nano.amending.additions import ACTIVATIONS, MODULES
from llmatic.nano.amending.places import Seen, calls_of, forward_of, line_starts, span
from llmatic.nano.numbers import numbers, replaced

__all__ = [
    "activations_of",
    "factored",
    "other_activations",
    "other_kernels",
    "other_widths",
    "rewired",
    "with_lazy_layers",
    "without",
]

FEWEST = 4
WIDER, NARROWER = (1.5, 1.5, 2, 2, 3, 4, 6, 8), (0.67, 0.5, 0.5, 0.34, 0.25)
FEW, MANY = (2, 3, 4, 4, 6, 8, 8), (32, 48, 64, 64, 96, 128)
"""Channels or features between two layers that were one."""
WIDTHS = (2, 4, 6, 8, 12, 16, 20, 24, 32, 40, 48, 64, 64, 80, 96, 128)
WIDER_STILL = (192, 256)
"""What linear layers can have besides."""
LAZY = ("Linear", "Conv2d", "Conv1d", "BatchNorm2d", "BatchNorm1d")
FUNCTION = re.compile(rf"\b(?:F|functional)\.({'|'.join(ACTIVATIONS)})(?=\()")
"""What `torch` itself has is left: there are few of them."""
MODULE = re.compile(rf"(?<=nn\.)({'|'.join(MODULES.values())})(?=\(\))")
NAMES = {module: name for name, module in MODULES.items()}


def other_widths(
    rng: Random, source: str, kept: frozenset[int], wider: bool, wanted: tuple[int, ...] = ()
) -> Iterator[str]:
    """The network with one or some of its numbers changed wherever they stand.

    Args:
        rng: Decides.
        source: The network.
        kept: Numbers that must stay.
        wider: Whether they get larger.
        wanted: What they can become; by default fractions and multiples of what they are.
    """
    found = sorted(each for each in numbers(source) - kept if each >= FEWEST)
    for _ in range(2 * len(found)):
        chosen = rng.sample(found, min(rng.choice((1, 1, 2, 3)), len(found)))
        text = source
        factor = rng.choice(WIDER if wider else NARROWER)
        for number in sorted(chosen, reverse=wider):
            other = rng.choice(wanted) if wanted else max(2, round(number * factor))
            if not wanted and number % 4 == 0 and other > 4:
                other -= other % 4
            text = replaced(text, number, other)
        yield text


def activations_of(source: str) -> list[str]:
    """Activations that a source uses."""
    used = [*FUNCTION.findall(source), *(NAMES[each] for each in MODULE.findall(source))]
    return list(dict.fromkeys(used))


def other_activations(rng: Random, source: str, wanted: tuple[str, ...]) -> Iterator[str]:
    """The network with one of its activations changed, once or everywhere.

    Args:
        rng: Decides.
        source: The network.
        wanted: What it can become.
    """
    used = activations_of(source)
    rng.shuffle(used)
    for name in used:
        others = [each for each in wanted if each != name]
        if not others:
            continue
        other = rng.choice(others)
        once = rng.random() < 0.3
        places = [each for each in FUNCTION.finditer(source) if each[1] == name]
        places += [each for each in MODULE.finditer(source) if NAMES[each[1]] == name]
        if once:
            places = [rng.choice(places)]
        text = source
        for each in sorted(places, key=lambda one: one.start(1), reverse=True):
            put = other if each[1] in ACTIVATIONS else MODULES[other]
            text = text[: each.start(1)] + put + text[each.end(1) :]
        yield text


def other_kernels(rng: Random, seen: Seen) -> Iterator[str]:
    """The network with another kernel in one of its convolutions that keep height and width."""
    found = []
    for node in ast.walk(seen.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="Conv2d" | "LazyConv2d")):
                options = {each.arg: each.value for each in node.keywords}
                place = 2 if ast.unparse(node.func).endswith(".Conv2d") else 1
                kernel = options.get("kernel_size")
                if kernel is None and len(node.args) > place:
                    kernel = node.args[place]
                match kernel, options.get("padding"):
                    case ast.Constant(value=int(size)), ast.Constant(value=int(padding)) as given:
                        if size == 2 * padding + 1 and "dilation" not in options:
                            found.append((size, seen.span(kernel), seen.span(given)))
    rng.shuffle(found)
    for size, first, second in found:
        other = rng.choice([each for each in (3, 5, 7) if each != size])
        text = seen.source
        for (start, end), number in sorted([(first, other), (second, other // 2)], reverse=True):
            text = text[:start] + str(number) + text[end:]
        yield text


def factored(rng: Random, seen: Seen, *, smaller: bool) -> Iterator[str]:
    """The network with one of its layers made two, with fewer or more channels between them."""
    found = [
        node
        for node in _layers(seen)
        if not any(isinstance(each, ast.Starred) for each in node.args)
        and "groups" not in [each.arg for each in node.keywords]
    ]
    rng.shuffle(found)
    for node in found:
        start, end = seen.span(node)
        first, last = seen.span(node.args[0])
        takes, rest = seen.source[first:last], seen.source[last:end]
        layer = ast.unparse(node.func)
        many = MANY if layer.endswith("2d") else MANY + WIDER_STILL
        between = rng.choice(FEW if smaller else many)
        entry = f"{layer}({takes}, {between}{', 1' if layer.endswith('2d') else ''})"
        act = "" if smaller else f"{seen.nn}.{rng.choice(('ReLU', 'GELU', 'SiLU'))}(), "
        made = f"{seen.nn}.Sequential({entry}, {act}{layer}({between}{rest})"
        yield seen.source[:start] + made + seen.source[end:]


def _layers(seen: Seen) -> Iterator[ast.Call]:
    """Linear layers and convolutions that say what they take and give."""
    kinds = (f"{seen.nn}.Linear", f"{seen.nn}.Conv2d")
    for node in ast.walk(seen.tree):
        match node:
            case ast.Call(func=func, args=[_, _, *_]) if ast.unparse(func) in kinds:
                yield node


def with_lazy_layers(source: str, nn: str) -> Iterator[str]:
    """A network as it is, and with layers that find out by themselves what they take.

    Args:
        source: The network.
        nn: How it spells `torch.nn`.
    """
    yield source
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    starts = line_starts(source)
    lazy: list[list[tuple[int, int, str]]] = []
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        name = ast.unparse(node.func)
        if name not in [f"{nn}.{each}" for each in LAZY] or isinstance(node.args[0], ast.Starred):
            continue
        start, _ = span(starts, node)
        first, last = span(starts, node.args[0])
        if len(node.args) > 1:
            last, _ = span(starts, node.args[1])
        put = f"{nn}.Lazy{name[len(nn) + 1 :]}"
        lazy.append([(first, last, ""), (start, start + len(name), put)])
    lazy.sort(reverse=True)
    ways = [*lazy, *(one + other for one, other in pairwise(lazy))]
    if len(lazy) > 2:
        ways.append([each for some in lazy for each in some])
    for way in ways:
        text = source
        for start, end, put in sorted(way, reverse=True):
            text = text[:start] + put + text[end:]
        yield text


def rewired(rng: Random, seen: Seen, wider: bool | None = None) -> Iterator[str]:
    """The network with another width of one layer; those that take it find that out.

    Args:
        rng: Decides.
        seen: The network.
        wider: Whether the layer gets wider; None for either.
    """
    found = [
        node
        for node in _layers(seen)
        if isinstance(node.args[1], ast.Constant) and type(node.args[1].value) is int
    ]
    rng.shuffle(found)
    for node in found[:3]:
        start, end = seen.span(node.args[1])
        now = int(seen.source[start:end])
        is_linear = ast.unparse(node.func).endswith("Linear")
        widths = WIDTHS + WIDER_STILL if is_linear else WIDTHS
        wide = [each for each in widths if wider is None or (each > now) == wider]
        if wide:
            text = f"{seen.source[:start]}{rng.choice(wide)}{seen.source[end:]}"
            yield from with_lazy_layers(text, seen.nn)


def without(rng: Random, seen: Seen) -> Iterator[str]:
    """The network without one of the calls or statements of `forward`, or a part of a sequence."""
    cuts: list[tuple[int, int, str]] = []
    forward = forward_of(seen.tree)
    for call in calls_of(forward):
        start, end = seen.span(call)
        if len(call.args) >= 1 and not isinstance(call.args[0], ast.Starred):
            first, last = seen.span(call.args[0])
            cuts.append((start, end, seen.source[first:last]))
        elif isinstance(call.func, ast.Attribute) and not call.args:
            first, last = seen.span(call.func.value)
            cuts.append((start, end, seen.source[first:last]))
    for each in forward.body:
        match each:
            case ast.Assign(targets=[ast.Name(id=name)]) if each.end_lineno is not None:
                if any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(each.value)):
                    cuts.append((seen.starts[each.lineno - 1], seen.starts[each.end_lineno], ""))
    for node in ast.walk(seen.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="Sequential"), args=parts) if len(parts) > 1:
                for number, part in enumerate(parts[:-1]):
                    cuts.append((seen.span(part)[0], seen.span(parts[number + 1])[0], ""))
    rng.shuffle(cuts)
    for start, end, put in cuts:
        yield _tidy(seen.source[:start] + put + seen.source[end:])


def _tidy(source: str) -> str:
    """A network without the layers that it makes on one line and nowhere uses."""
    for line in source.splitlines(keepends=True):
        made = re.match(r"\s+self\.(\w+) = .+\)\n", line)
        if made and len(re.findall(rf"\bself\.{made[1]}\b", source)) == 1:
            source = source.replace(line, "", 1)
    return source
