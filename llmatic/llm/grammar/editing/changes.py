"""Changes to layers that are there: other widths, kernels, activations, or none at all."""

from __future__ import annotations

import ast
from collections.abc import Callable
from random import Random

from llmatic.llm.grammar.editing.draft import Draft, written_slots
from llmatic.llm.grammar.editing.parts import ACTIVATIONS, activation, rounded
from llmatic.llm.grammar.reading.repair import Network
from llmatic.llm.grammar.reading.signatures import WIDTHS
from llmatic.llm.grammar.reading.text import Splice
from llmatic.llm.grammar.reading.trace import Slot
from llmatic.llm.grammar.reading.values import Layer, Size

__all__ = ["delete", "kernels", "other_activations", "other_kernels", "scale_widths", "widths"]

UNTOUCHED = frozenset({"flatten", "view", "reshape", "size", "Flatten", "unsqueeze", "transpose"})
KERNELS = (1, 3, 5, 7)


def widths(network: Network) -> list[Size]:
    """The widths of all layers but the one that gives the scores, each once."""
    scores = network.trace.output[1]
    found: dict[tuple[int, int], Size] = {}
    for layer in network.trace.parameters:
        width = layer.args.get(WIDTHS.get(layer.kind, ""))
        if isinstance(width, Size) and not (isinstance(scores, Size) and scores.at == width.at):
            found[width.at] = width
    return list(found.values())


def scale_widths(
    network: Network, rng: Random, share: float, factor: Callable[[], float]
) -> str | None:
    """Multiply some widths, at least one."""
    candidates = widths(network)
    if not candidates:
        return None
    chosen = [width for width in candidates if rng.random() < share] or [rng.choice(candidates)]
    splices = []
    for width in chosen:
        times = factor()
        wanted = rounded(width * times)
        if times > 1:
            floor = rng.choice((4, 8, 16, 32)) if width < 8 else width + 1
            wanted = max(wanted, floor)
        elif wanted >= width:
            wanted = max(1, width // 2)
        splices.append(Splice(*width.at, str(wanted)))
    draft = Draft(network)
    draft.splices += splices
    return draft.text()


def kernels(network: Network) -> list[Layer]:
    """Convolutions whose kernel is written as one number."""
    return [
        layer
        for layer in network.trace.parameters
        if layer.kind in ("Conv1d", "Conv2d") and isinstance(layer.args["kernel_size"], Size)
    ]


def other_kernels(network: Network, rng: Random, bold: float) -> str | None:
    """Give a convolution, or several, another kernel size and the padding that goes with it."""
    candidates = kernels(network)
    if not candidates:
        return None
    draft = Draft(network)
    for layer in rng.sample(candidates, min(len(candidates), 1 + int(bold * rng.random() * 2.5))):
        kernel, padding = layer.args["kernel_size"], layer.args["padding"]
        assert isinstance(kernel, Size)
        wanted = rng.choice([size for size in KERNELS[: 3 + (bold > 0.5)] if size != kernel])
        draft.splices.append(Splice(*kernel.at, str(wanted)))
        if isinstance(padding, str | tuple) or layer.args["dilation"] != 1:
            continue
        if isinstance(padding, int):
            margin = max(0, padding + (wanted - kernel) // 2)
            if isinstance(padding, Size):
                draft.splices.append(Splice(*padding.at, str(margin)))
            elif margin:
                add_keyword(draft, layer.call, f"padding={margin}")
    return draft.text()


def add_keyword(draft: Draft, call: ast.Call, text: str) -> None:
    """Give a call one more argument."""
    last = max(
        (*call.args, *(each.value for each in call.keywords)),
        key=lambda each: (each.end_lineno or 0, each.end_col_offset or 0),
    )
    end = draft.network.code.source.span(last)[1]
    draft.splices.append(Splice(end, end, f", {text}"))


def other_activations(network: Network, rng: Random, bold: float) -> str | None:
    """Replace activation functions by another one."""
    code = network.code
    functions = {function: name for name, function in ACTIVATIONS.items()}
    layers = code.alias("torch.nn")
    modules = (code.alias("torch.nn.functional"), code.alias("torch"))
    candidates: list[tuple[ast.Call, str, bool]] = []
    for node in ast.walk(code.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in ACTIVATIONS:
                if code.source.cut(owner) == layers:
                    candidates.append((node, attr, False))
            case ast.Call(func=ast.Attribute(value=owner, attr=attr), args=[_], keywords=[]):
                if attr in functions and code.source.cut(owner) in modules:
                    candidates.append((node, functions[attr], True))
    if not candidates:
        return None
    draft = Draft(network)
    functional = code.alias("torch.nn.functional")
    wanted = activation(rng, max(bold, 0.5))
    share = rng.random()
    chosen = [each for each in candidates if rng.random() < share] or [rng.choice(candidates)]
    if all(f"nn.{name}()" == wanted.code for _, name, _ in chosen):
        return None
    for node, _, applied in chosen:
        if not applied:
            draft.replace(node, draft.code(wanted))
        elif functional is not None:
            draft.replace(node.func, f"{functional}.{wanted.function}")
        else:
            draft.replace(node.func, draft.code(wanted))
    return draft.text()


def delete(network: Network, rng: Random, bold: float) -> str | None:
    """Take out one layer, from forward and from the constructor or from a sequence."""
    chances: list[ast.Call | Slot] = [
        operation.node
        for operation in network.trace.operations
        if operation.node is not None and operation.name not in UNTOUCHED
    ]
    for slot in written_slots(network):
        item = slot.stack.items[slot.index]
        if not (isinstance(item, Layer) and item.kind in UNTOUCHED) and len(slot.stack.items) > 1:
            chances.append(slot)
    if not chances:
        return None
    chosen = rng.choice(chances)
    draft = Draft(network)
    if isinstance(chosen, Slot):
        delete_element(draft, chosen)
    else:
        delete_call(draft, chosen)
    return draft.text()


def delete_element(draft: Draft, slot: Slot) -> None:
    """Take an element out of a sequence of layers."""
    source = draft.network.code.source
    nodes = slot.stack.call.args
    node = nodes[slot.index]
    if source.alone(node):
        draft.splices.append(source.whole_lines(node))
    elif slot.index + 1 < len(nodes):
        start = source.span(node)[0]
        draft.splices.append(Splice(start, source.span(nodes[slot.index + 1])[0], ""))
    else:
        start = source.span(nodes[slot.index - 1])[1]
        draft.splices.append(Splice(start, source.span(node)[1], ""))


def delete_call(draft: Draft, node: ast.Call) -> None:
    """Take a layer out of forward, and out of the constructor if nobody else uses it."""
    code = draft.network.code
    match node:
        case ast.Call(args=[argument, *_]):
            inner = argument
        case ast.Call(func=ast.Attribute(value=value)):
            inner = value
        case _:
            return
    removed: ast.stmt | None = None
    for statement in code.forward.body if code.forward else []:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is node:
                if (
                    isinstance(inner, ast.Name)
                    and inner.id == name
                    and code.source.alone(statement)
                ):
                    removed = statement
    if removed is not None:
        draft.splices.append(code.source.whole_lines(removed))
    else:
        draft.replace(node, code.source.cut(inner))
    match node.func:
        case ast.Attribute(value=ast.Name(), attr=attr):
            drop_attribute(draft, attr)


def drop_attribute(draft: Draft, attr: str) -> None:
    """Take a layer that is used once out of the constructor."""
    code = draft.network.code
    uses = [
        each
        for each in ast.walk(code.tree)
        if isinstance(each, ast.Attribute) and each.attr == attr
    ]
    if code.init is None or len(uses) != 2:
        return
    for statement in code.init.body:
        match statement:
            case ast.Assign(targets=[ast.Attribute() as target]) if target in uses:
                if code.source.alone(statement):
                    draft.splices.append(code.source.whole_lines(statement))
