"""Which names a loop has to carry, from the syntax alone.

A name has to be carried from trip to trip where a trip may read it before setting it, and out of the
loop where something after the loop may read it.

    for x in xs:            carried: total (read before it is set), x and t (read after the loop)
        t = x * x
        total = total + t
    return total + t + x

Safe way to err: a name that is called live costs a carried value that dead code takes out again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from .source import FunctionNode

Names = frozenset[str]
NONE: Final[Names] = frozenset()
_SCOPES: Final = (ast.FunctionDef, ast.Lambda, ast.AsyncFunctionDef, ast.ClassDef)


@lru_cache(maxsize=256)
def live_after_loops(function: FunctionNode) -> dict[ast.stmt, Names]:
    """For each loop of a function, the names that may be read after it."""
    if isinstance(function, ast.Lambda):
        return {}
    liveness = _Liveness(_read_in_functions(function.body))
    liveness.sequence(function.body, NONE)
    return liveness.after


def read_before_set(body: Sequence[ast.stmt], test: ast.expr | None = None) -> Names:
    """The names that a trip of a loop may read before it sets them."""
    liveness = _Liveness(_read_in_functions(body))
    live = liveness.trip(body, NONE, NONE)
    return live | liveness.always | (_read(test) if test is not None else NONE)


def assigned(statements: Iterable[ast.AST], *, updated: bool = True) -> list[str]:
    """The names that statements bind, in order; functions within have names of their own.

    Without `updated` those that are bound by in-place operators only are left out.
    """
    found: dict[str, None] = {}
    todo = list(statements)
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.AugAssign) and not updated:
            todo.insert(0, node.value)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        elif isinstance(node, ast.FunctionDef | ast.MatchAs) and node.name:
            found[node.name] = None
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            todo = [n for n in ast.walk(node) if isinstance(n, ast.NamedExpr)] + todo
        elif not isinstance(node, _SCOPES):
            todo = [*ast.iter_child_nodes(node), *todo]
    return list(found)


def own_nodes(statements: Iterable[ast.AST]) -> Iterable[ast.AST]:
    """All nodes of statements, those of nested functions left out."""
    todo = list(statements)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, _SCOPES):
            todo += ast.iter_child_nodes(node)


def jumps(statements: Iterable[ast.stmt], kinds: tuple[type[ast.stmt], ...]) -> bool:
    """Is there a jump of these kinds that leaves the statements (`break` leaves its own loop)?"""
    for node in statements:
        if isinstance(node, kinds):
            return True
        inner = kinds
        if isinstance(node, ast.For | ast.While):
            inner = tuple(k for k in kinds if k is ast.Return)
            if jumps(node.orelse, kinds):
                return True
        blocks = [getattr(node, field, []) for field in ("body", "orelse", "cases")]
        if isinstance(node, _SCOPES):
            continue
        if isinstance(node, ast.For | ast.While):
            blocks = [node.body]
        for block in blocks:
            for part in block:
                parts = part.body if isinstance(part, ast.match_case) else [part]
                if inner and jumps(parts, inner):
                    return True
    return False


def _read(node: ast.AST | None) -> Names:
    """The names that an expression or a simple statement reads."""
    if node is None:
        return NONE
    return frozenset(
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Store)
    )


def _read_in_functions(body: Iterable[ast.AST]) -> Names:
    """Names that nested functions read: at any time."""
    found: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, _SCOPES):
                found |= _read(node)
    return frozenset(found)


class _Liveness:
    """Walks statements backwards with the set of names that are read later."""

    def __init__(self, always: Names) -> None:
        self.always = always
        self.after: dict[ast.stmt, Names] = {}

    def sequence(
        self, body: Sequence[ast.stmt], live: Names, end: Names = NONE, top: Names = NONE
    ) -> Names:
        """What is live before statements; `end` and `top`: after, and at the start of, the loop."""
        for node in reversed(body):
            live = self.statement(node, live, end, top)
        return live

    def statement(self, node: ast.stmt, live: Names, end: Names, top: Names) -> Names:
        """What is live before one statement."""
        if isinstance(node, ast.Return | ast.Raise):
            return _read(node)
        if isinstance(node, ast.Break):
            return end
        if isinstance(node, ast.Continue):
            return top
        if isinstance(node, ast.If):
            sides = (self.sequence(b, live, end, top) for b in (node.body, node.orelse))
            return frozenset().union(*sides) | _read(node.test)
        if isinstance(node, ast.For | ast.While):
            return self.loop(node, live, end, top)
        if isinstance(node, ast.Match):
            sides = (self.sequence(c.body, live, end, top) for c in node.cases)
            guards = frozenset().union(*(_read(c) for c in node.cases))
            return frozenset().union(live, *sides) | _read(node.subject) | guards
        if isinstance(node, ast.With):
            read = frozenset().union(*(_read(i.context_expr) for i in node.items))
            return self.sequence(node.body, live, end, top) | read
        return self.simple(node, live)

    def simple(self, node: ast.stmt, live: Names) -> Names:
        """A statement without blocks; a name that an operator updates is read too."""
        bound = frozenset(assigned([node]))
        read = _read(node)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read |= {node.target.id}
        return (live - bound) | read

    def loop(self, node: ast.For | ast.While, live: Names, end: Names, top: Names) -> Names:
        """A loop: what is live at its start, and what after it."""
        left = live if not node.orelse or jumps(node.body, (ast.Break,)) else NONE
        if node.orelse:
            live = self.sequence(node.orelse, live, end, top)
        self.after[node] = left | live | self.always
        header = _read(node.iter if isinstance(node, ast.For) else node.test)
        outside = live | (header if isinstance(node, ast.While) else NONE)
        inside = self.trip(node.body, outside, self.after[node])
        if isinstance(node, ast.For):
            inside -= frozenset(assigned([node.target]))
        return inside | outside | header

    def trip(self, body: Sequence[ast.stmt], outside: Names, end: Names) -> Names:
        """What is live at the start of a trip, the next trips included."""
        start: Names = NONE
        while True:
            live = outside | start
            before = self.sequence(body, live, end, live)
            if before <= start:
                return start
            start |= before
