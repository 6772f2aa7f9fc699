"""Renaming a top-level name in the source of a statement.

Leaves formatting, strings, attributes and keywords alone, and functions to which
the name is local.
"""

from __future__ import annotations

import ast
import re

from llmatic.genome.pieces import walk

__all__ = ["renamed"]

KEYWORD = re.compile(rb"(?:class|(?:async\s+)?def)\s+")
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def renamed(text: str, old: str, new: str) -> str:
    """The source of a statement with a global name replaced.

    Args:
        text: The source, valid Python.
        old: The name to replace.
        new: What to write instead.
    """
    if old not in text:
        return text
    lines = [line.encode() for line in text.split("\n")]
    name = re.compile(rb"(?<![\w\x80-\xff])" + old.encode() + rb"(?![\w\x80-\xff])")
    tree = ast.parse(text)
    places = spans(tree, old)
    for node in tree.body:
        if getattr(node, "name", None) == old and (
            keyword := KEYWORD.match(lines[node.lineno - 1])
        ):
            start, number = keyword.end(), node.lineno - 1
            places.add((number, start, number, start + len(old.encode())))
    for first, start, last, end in sorted(places, reverse=True):
        if first == last:
            line = lines[first]
            lines[first] = line[:start] + name.sub(new.encode(), line[start:end]) + line[end:]
            continue
        lines[first] = lines[first][:start] + name.sub(new.encode(), lines[first][start:])
        for number in range(first + 1, last):
            lines[number] = name.sub(new.encode(), lines[number])
        lines[last] = name.sub(new.encode(), lines[last][:end]) + lines[last][end:]
    return b"\n".join(lines).decode()


def spans(tree: ast.Module, old: str) -> set[tuple[int, int, int, int]]:
    """Where a name stands: line and byte of its beginning, line and byte of its end."""
    found: set[tuple[int, int, int, int]] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function) and is_local(node, old):
            waiting += outside(node)
            continue
        if isinstance(node, ast.JoinedStr):
            if any(isinstance(each, ast.Name) and each.id == old for each in walk(node)):
                found.add(span(node))
            continue
        if isinstance(node, ast.Name) and node.id == old:
            found.add(span(node))
        waiting += ast.iter_child_nodes(node)
    return found


def outside(function: Function) -> list[ast.expr]:
    """What is evaluated where a function is defined, not when it is called."""
    arguments = function.args
    found = [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]
    if not isinstance(function, ast.Lambda):
        found += function.decorator_list
    return found


def is_local(function: Function, name: str) -> bool:
    """Whether a name is an argument or a variable of a function itself, not of one inside it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if binds(node, name):
            return True
        if not isinstance(node, Function | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)
    return False


def binds(node: ast.AST, name: str) -> bool:
    """Whether a node by itself gives a name a meaning where it stands."""
    match node:
        case ast.Name(id=bound, ctx=ast.Store()) | ast.arg(arg=bound):
            return bound == name
        case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound):
            return bound == name
        case ast.ClassDef(name=bound) | ast.ExceptHandler(name=bound):
            return bound == name
        case ast.alias(name=path, asname=alias):
            return (alias or path.partition(".")[0]) == name
    return False


def span(node: ast.expr) -> tuple[int, int, int, int]:
    """Where an expression stands."""
    last, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return node.lineno - 1, node.col_offset, last - 1, end
