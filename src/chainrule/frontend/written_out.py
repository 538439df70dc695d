"""Loops whose trips are known one by one: the body once for each trip.

A trip that may have left the loop, which depends on data, is followed by a branch with what is left of
the loop in it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..ir.program import Atom, Const, Var
from . import unrolling
from .blocks import FALSE, TRUE, Exit, same_object
from .values import Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

# Names that no user can have: whether a loop goes on, whether the function returns and what, and the
# items of a loop that are left.
GOING, RETURNED, RESULT, LEFT = "<going>", "<returned>", "<value>", "<left>"


def over(
    lo: Lowerer, node: ast.For, items: Iterator[Value], *, limit: bool
) -> tuple[Any, list[ast.stmt]]:
    """A loop over items that are known now."""

    def left() -> list[ast.stmt]:
        lo.locals[LEFT] = Struct(tuple, tuple(items))
        again = ast.For(node.target, ast.Name(LEFT, ast.Load()), node.body, node.orelse)
        return [_placed(again, node)]

    return trips(lo, node, unrolling.bound(lo, node.target, items, limit=limit), left)


def trips(
    lo: Lowerer,
    node: ast.For | ast.While,
    each: Iterator[None],
    left: Callable[[], list[ast.stmt]],
) -> tuple[Any, list[ast.stmt]]:
    """The body once for each trip; `left` are statements for the trips that are left after one."""
    from .lower import FALLS_THROUGH

    lo.exits.append(Exit(TRUE))
    try:
        result = _trips(lo, node, each)
    finally:
        lo.exits.pop()
    if isinstance(result, Exit):
        if not all(isinstance(f, Const) for f in (result.going, result.returned)):
            return FALLS_THROUGH, _rest(lo, node, result, left())
        if same_object(result.returned, TRUE):
            return (Exit(FALSE, TRUE, result.value) if lo.exits else result.value), []
        return FALLS_THROUGH, []
    if result is FALLS_THROUGH:
        return FALLS_THROUGH, list(node.orelse)
    return result, []


def _trips(lo: Lowerer, node: ast.For | ast.While, each: Iterator[None]) -> Any:
    """How the trips ended, or the first that may have left the loop."""
    from .lower import FALLS_THROUGH

    for _ in each:
        result = lo.body(node.body)
        if isinstance(result, Exit):
            known = isinstance(result.going, Const) and isinstance(result.returned, Const)
            if not known or not result.going.value:  # type: ignore[union-attr]
                return result
        elif result is not FALLS_THROUGH:
            return result
    return FALLS_THROUGH


def _rest(
    lo: Lowerer, node: ast.For | ast.While, ended: Exit, left: list[ast.stmt]
) -> list[ast.stmt]:
    """What follows a trip that may have left the loop: a return, or what is left of the loop."""
    lo.locals[GOING], opposite = _test(lo, ended.going)
    follow: list[ast.stmt] = []
    if not same_object(ended.returned, FALSE):
        assert ended.value is not None
        lo.locals[RESULT], lo.locals[RETURNED] = ended.value, ended.returned
        back = ast.Return(ast.Name(RESULT, ast.Load()))
        follow.append(ast.If(ast.Name(RETURNED, ast.Load()), [back], []))
    sides = ([ast.Pass()], left) if opposite else (left, [])
    follow.append(ast.If(ast.Name(GOING, ast.Load()), *sides))
    return [_placed(statement, node) for statement in follow]


def _test(lo: Lowerer, flag: Atom) -> tuple[Atom, bool]:
    """A flag that only one side of a branch sets: the test of the branch, and whether it is opposite."""
    eqn = lo.builder.origin.get(flag) if isinstance(flag, Var) else None
    if eqn is not None and eqn.op == "if":
        one, other = (b.results[eqn.outs.index(flag)] for b in eqn.blocks)
        if same_object(one, TRUE) and same_object(other, FALSE):
            return eqn.args[0], False
        if same_object(one, FALSE) and same_object(other, TRUE):
            return eqn.args[0], True
    return flag, False


def _placed(made: ast.stmt, node: ast.stmt) -> ast.stmt:
    """A statement that the user did not write, blamed on one that he did."""
    for part in ast.walk(made):
        if not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    return made
