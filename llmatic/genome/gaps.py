"""What a class lacks to be whole.

Knows how writers leave out code and what a forward method must do. Does not know
base classes.
"""

from __future__ import annotations

import ast
import re

from llmatic.genome.pieces import Piece, walk

__all__ = ["gap", "nothing_returned", "returns"]

LEFT_OUT = re.compile(r"^[ \t]*(#[ \t]*(?:\.{3}|…)(?:.*(?:\.{3}|…))?)[ \t]*$", re.MULTILINE)


def gap(piece: Piece) -> str | None:
    """What a class lacks to be whole: code that its author left out, or what forward returns."""
    if not isinstance(piece.node, ast.ClassDef):
        return None
    name = piece.node.name
    methods = [node for node in piece.node.body if isinstance(node, ast.FunctionDef)]
    methods = [node for node in methods if node.name in ("__init__", "forward")]
    if "..." in piece.text and any(is_ellipsis(node) for each in methods for node in walk(each)):
        return f"class {name} leaves out code (...)"
    if methods and (comment := LEFT_OUT.search(piece.text)):
        return f"class {name} leaves out code ({comment[1]})"
    if any(method.name == "forward" and not returns(method) for method in methods):
        return nothing_returned(name)
    return None


def nothing_returned(name: str) -> str:
    """Says that a network gives no scores."""
    return f"forward of class {name} returns nothing; it may have been cut off"


def is_ellipsis(node: ast.AST) -> bool:
    """Whether a node is a statement that is nothing but ``...``."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and node.value.value is Ellipsis
    )


def returns(function: ast.FunctionDef) -> bool:
    """Whether a function has a way to give something back, or to refuse."""
    return any(isinstance(node, ast.Return | ast.Raise | ast.Yield) for node in walk(function))
