"""Which imports and names a network may use.

A courtesy: it gives code that could never work a clear reason instead of a
failure in the sandbox. It is *not* the security boundary and can be got
around; the sandbox confines whatever passes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from llmatic.genome.pieces import Import, Piece, RefusedError, dotted, walk
from llmatic.records import Status

__all__ = ["check"]

MODULES = frozenset(
    [
        "__future__",
        "abc",
        "collections",
        "copy",
        "dataclasses",
        "enum",
        "functools",
        "itertools",
        "math",
        "numbers",
        "numpy",
        "operator",
        "random",
        "torch",
        "typing",
        "typing_extensions",
    ]
)
NAMES = frozenset(
    [
        "__import__",
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "exit",
        "globals",
        "input",
        "locals",
        "open",
        "quit",
        "vars",
    ]
)
BY_NAME = frozenset({"getattr", "hasattr", "setattr"})
DUNDERS = frozenset(
    [
        "__call__",
        "__class__",
        "__getattr__",
        "__getitem__",
        "__init__",
        "__iter__",
        "__len__",
        "__name__",
        "__post_init__",
        "__setattr__",
    ]
)
PATHS = frozenset(
    [
        "numpy.DataSource",
        "numpy.core",
        "numpy.ctypeslib",
        "numpy.distutils",
        "numpy.f2py",
        "numpy.fromfile",
        "numpy.genfromtxt",
        "numpy.lib",
        "numpy.load",
        "numpy.loadtxt",
        "numpy.memmap",
        "numpy.save",
        "numpy.savetxt",
        "numpy.savez",
        "numpy.savez_compressed",
        "numpy.testing",
        "operator.attrgetter",
        "operator.methodcaller",
        "torch.classes",
        "torch.compile",
        "torch.distributed",
        "torch.export",
        "torch.from_file",
        "torch.futures",
        "torch.hub",
        "torch.jit",
        "torch.library",
        "torch.load",
        "torch.monitor",
        "torch.multiprocessing",
        "torch.onnx",
        "torch.nn.DataParallel",
        "torch.nn.parallel",
        "torch.ops",
        "torch.package",
        "torch.profiler",
        "torch.save",
        "torch.serialization",
        "torch.testing",
        "torch.utils.bottleneck",
        "torch.utils.cpp_extension",
        "torch.utils.data",
        "torch.utils.dlpack",
        "torch.utils.model_zoo",
        "torch.utils.tensorboard",
    ]
)
ATTRIBUTES = frozenset(
    [
        "from_file",
        "fromfile",
        "load_library",
        "load_state_dict_from_url",
        "memmap",
        "share_memory_",
        "tofile",
    ]
)
INNER_MODULES = frozenset(
    [
        "builtins",
        "ctypes",
        "importlib",
        "inspect",
        "multiprocessing",
        "os",
        "pathlib",
        "shutil",
        "socket",
        "subprocess",
        "sys",
        "threading",
    ]
)
JUDGED = (ast.Import, ast.ImportFrom, ast.Name, ast.Attribute, ast.Call)
PRIVATE = frozenset({"torch._assert"})
PRIVATE_INIT = "torch.nn.init._"


def check(pieces: Iterable[Piece], imports: Iterable[Import]) -> None:
    """Refuse code that uses what is not allowed.

    Args:
        pieces: The statements of the network.
        imports: The imports they use.

    Raises:
        RefusedError: Naming the first thing that is not allowed, and its line.
    """
    imports = list(imports)
    paths = {each.name: each.path for each in imports}
    for each in sorted(imports, key=lambda each: (each.line, each.text)):
        refuse(imported(each.path), each.line)
    for piece in pieces:
        found = [
            (piece.offset + node.lineno, offence)
            for node in walk(piece.node)
            if isinstance(node, JUDGED)
            for offence in offences(node, paths)
            if offence
        ]
        for line, offence in sorted(found):
            refuse(offence, line)


def refuse(offence: str | None, line: int) -> None:
    """Refuse what is an offence."""
    if offence:
        raise RefusedError(Status.FORBIDDEN, f"{offence} is not allowed (line {line})")


def offences(node: ast.stmt | ast.expr, paths: dict[str, str]) -> Iterator[str | None]:
    """What a node of a syntax tree uses that is not allowed."""
    match node:
        case ast.Import(names=aliases):
            yield from (imported(alias.name) for alias in aliases)
        case ast.ImportFrom(module=module, names=aliases, level=level):
            yield from (imported(f"{'.' * level}{module or ''}.{alias.name}") for alias in aliases)
        case ast.Name(id=name):
            if name in NAMES or (is_dunder(name) and name not in DUNDERS):
                yield name
        case ast.Attribute(attr=attribute):
            if attribute in ATTRIBUTES or (is_dunder(attribute) and attribute not in DUNDERS):
                yield attribute
            root, _, rest = (dotted(node) or "").partition(".")
            if root in paths:
                yield forbidden_path(f"{paths[root]}.{rest}")
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in BY_NAME:
            if len(arguments) < 2 or not re.match("[^_]", beginning(arguments[1])):
                yield f"{name} with a computed or private name"


def imported(path: str) -> str | None:
    """The import of a path, if it is not allowed."""
    root = path.partition(".")[0]
    if root not in MODULES:
        return f"import of {root or path}"
    if path.endswith(".*") and ((root == "torch" and path.count(".") < 2) or root == "numpy"):
        return f"import of everything from {root}"
    return forbidden_path(path)


def forbidden_path(path: str) -> str | None:
    """The part of a path into an imported module that is not allowed."""
    parts = path.split(".")
    for end in range(2, len(parts) + 1):
        part = ".".join(parts[:end])
        private = parts[end - 1].startswith("_") and not is_dunder(parts[end - 1])
        if private and not (part in PRIVATE or part.startswith(PRIVATE_INIT)):
            return part
        if part in PATHS or parts[end - 1] in INNER_MODULES:
            return part
    return None


def beginning(node: ast.expr) -> str:
    """What a string is known to begin with."""
    while isinstance(node, ast.BinOp):
        node = node.left
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_dunder(name: str) -> bool:
    """Whether a name is of the form ``__name__``."""
    return name.startswith("__") and name.endswith("__") and len(name) > 4
