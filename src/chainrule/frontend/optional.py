"""Names that are None until they are set: `best = None`, then `if best is None or x < best`.

Such a name is a `Maybe`: a variable that is None for as long as nothing sets it. It may be tested with
`is None`, and used where a test around it says that it is set. In the program the variable simply has
no value (`UNSET`) at first, and the test is an operation of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..ir.program import Const, Eqn, Var
from .values import Maybe, Static, Value

if TYPE_CHECKING:
    from .lower import Lowerer


def is_none(value: object) -> bool:
    """Is it None, as far as the program knows?"""
    return isinstance(value, Static) and value.obj is None


def tested(lo: Lowerer, node: ast.Compare) -> Var | None:
    """`name is None`, `name is not None` of a name that may be None, else None."""
    found = _simple(lo, node)
    if found is None:
        return None
    name, outcome = found
    maybe = lo.locals[name]
    assert isinstance(maybe, Maybe)
    return lo.builder.one("is_none" if outcome else "is_set", [maybe.value])


def _simple(lo: Lowerer, node: ast.expr) -> tuple[str, bool] | None:
    """The name in such a test, and whether the test holds where it is None."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    op, left, right = node.ops[0], node.left, node.comparators[0]
    if not isinstance(op, ast.Is | ast.IsNot):
        return None
    if isinstance(left, ast.Constant):
        left, right = right, left
    if not (isinstance(left, ast.Name) and isinstance(right, ast.Constant) and right.value is None):
        return None
    if not isinstance(lo.locals.get(left.id), Maybe):
        return None
    return left.id, isinstance(op, ast.Is)


def known(lo: Lowerer, node: ast.expr, outcome: bool) -> dict[str, bool]:
    """The names of which it is known that they are None, or that they are set, by a test's outcome."""
    simple = _simple(lo, node)
    if simple is not None:
        return {simple[0]: simple[1] is outcome}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return known(lo, node.operand, not outcome)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) is outcome:
        found: dict[str, bool] = {}
        for part in node.values:
            found |= known(lo, part, outcome)
        return found
    return {}


def narrow(lo: Lowerer, node: ast.expr, outcome: bool) -> None:
    """Bind names to what they are where a test came out so."""
    for name, absent in known(lo, node, outcome).items():
        maybe = lo.locals[name]
        assert isinstance(maybe, Maybe)
        lo.locals[name] = maybe.absent if absent else maybe.value


@contextmanager
def narrowed(lo: Lowerer, node: ast.expr, outcome: bool) -> Iterator[None]:
    """Names are what they are where a test came out so, in here only: `x is None or x > 0`."""
    before = {name: lo.locals[name] for name in known(lo, node, outcome)}
    narrow(lo, node, outcome)
    here = {name: lo.locals[name] for name in before}
    yield
    for name, value in before.items():
        if lo.locals.get(name) is here[name]:
            lo.locals[name] = value


def needed(lo: Lowerer, node: ast.expr) -> None:
    """A name that may be None stands where Python raises if it is: the program raises there too."""
    maybe = lo.locals.get(node.id) if isinstance(node, ast.Name) else None
    if not isinstance(maybe, Maybe) or not isinstance(node, ast.Name):
        return
    text = ast.Constant(f"{node.id} is None")
    raised = ast.Call(ast.Name("TypeError", ast.Load()), [text], [])
    test = lo.builder.one("is_none", [maybe.value])
    static = {"shown": (ast.Name("$0", ast.Load()),), "detail": raised}
    lo.builder.append(Eqn((), "raise_if", (test,), static, effect=True))
    lo.locals[node.id] = maybe.value


def uses(lo: Lowerer, parts: Sequence[ast.expr]) -> bool:
    """Do expressions use a name that may be None?"""
    names = (n for part in parts for n in ast.walk(part) if isinstance(n, ast.Name))
    return any(isinstance(lo.locals.get(n.id), Maybe) for n in names)


def still(before: Value | None, values: list[Value | None]) -> Value | None:
    """What a name is after a branch that only tested it; None where a side set it."""
    if not isinstance(before, Maybe):
        return None
    if any(all(v is part for v in values) for part in (before.value, before.absent)):
        return values[0]
    same = (before, before.value, before.absent)
    return before if all(any(v is part for part in same) for v in values) else None


def may_join(values: list[Value | None]) -> bool:
    """Are these None on one path and a number or an array on another?"""
    absent = [is_none(v) or isinstance(v, Maybe) for v in values]
    numbers = [isinstance(v, Maybe | Var | Const) for v in values]
    return (
        any(absent) and any(numbers) and all(a or n for a, n in zip(absent, numbers, strict=True))
    )
