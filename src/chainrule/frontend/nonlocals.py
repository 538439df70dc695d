"""`nonlocal`: nested functions that bind names of the function around them.

While such a function is walked, the names are its own; what they are at its end, they are around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .liveness import own_nodes
from .source import FunctionNode

if TYPE_CHECKING:
    from .lower import Lowerer


@contextmanager
def shared(frame: Lowerer, node: FunctionNode) -> Iterator[None]:
    """The names that a nested function binds around it are its own while its body is walked."""
    _check_active(frame, node)
    owners = {name: _owner(frame, name, node) for name in declared(node)}
    for name, owner in owners.items():
        if name in owner.locals:
            frame.locals[name] = owner.locals[name]
    frame.shared = frozenset(owners)
    frame.unit.shared.append(frame.shared)
    frame.unit.rebound |= frame.shared
    try:
        yield
    finally:
        frame.unit.shared.pop()
    for name, owner in owners.items():
        now = frame.locals.get(name)
        if now is not None and now is not owner.locals.get(name):
            if owner.depth != frame.depth:
                frame.refuse_construct("Nonlocal", node)
            owner.locals[name] = now


def declared(node: FunctionNode) -> list[str]:
    """The names that a function declares `nonlocal`."""
    if isinstance(node, ast.Lambda):
        return []
    found = (n for n in own_nodes(node.body) if isinstance(n, ast.Nonlocal))
    return list(dict.fromkeys(name for n in found for name in n.names))


def _owner(frame: Lowerer, name: str, node: FunctionNode) -> Lowerer:
    """The frame around a nested function that has a name."""
    outer = frame
    while outer.parent is not None and outer.sees_parent:
        outer = outer.parent
        if name in outer.locals and not outer.comprehension:
            return outer
    frame.refuse_construct("Nonlocal", node)


def _check_active(frame: Lowerer, node: FunctionNode) -> None:
    """Refuse a call of a function that uses names which a function that is walked has bound."""
    active = frozenset().union(*frame.unit.shared)
    if active and any(isinstance(n, ast.Name) and n.id in active for n in ast.walk(node)):
        if frame.sees_parent:
            frame.refuse_construct("Nonlocal", node)
