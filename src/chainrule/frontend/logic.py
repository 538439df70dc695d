"""`and`, `or` and chains of comparisons: what is not needed is not computed.

An operand after the first may raise where Python would not look at it: `i < n and A[i] > 0`. It is
computed in advance where it cannot raise; otherwise the operation becomes a branch, which is written
as the user wrote it where that is possible.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..errors import NeedStatic, PrimalRaises
from ..ir.program import Const, Var
from ..ir.types import Scalar
from ..rules.builder import const
from . import branches, comparisons, growing, operators, optional, statics
from .describing import describe
from .values import Size, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_HARMLESS: Final = (
    ast.Name, ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.expr_context, ast.cmpop,
    ast.boolop, ast.unaryop, ast.Add, ast.Sub, ast.Mult, ast.BinOp,
)  # fmt: skip


def boolean(lo: Lowerer, node: ast.BoolOp) -> Value:
    """`a and b`, `a or b`: one of the operands, as in Python."""
    return _operands(lo, node, node.values)


def nested(node: ast.If) -> ast.If:
    """`if a and (b := f()) > 0:` as two statements, since `b` has a value only where `a` holds."""
    test = node.test
    if not isinstance(test, ast.BoolOp) or not isinstance(test.op, ast.And):
        return node
    if not any(isinstance(n, ast.NamedExpr) for part in test.values[1:] for n in ast.walk(part)):
        return node
    first, *rest = test.values
    second = rest[0] if len(rest) == 1 else ast.copy_location(ast.BoolOp(ast.And(), rest), test)
    inner = nested(ast.copy_location(ast.If(second, node.body, node.orelse), node))
    return ast.copy_location(ast.If(first, [inner], node.orelse), node)


def _operands(lo: Lowerer, node: ast.BoolOp, parts: Sequence[ast.expr]) -> Value:
    stop = isinstance(node.op, ast.Or)
    part, *rest = parts
    value = lo.expr(part)
    if not rest:
        return value
    value = growing.truth(lo, value)
    known = statics.known_truth(lo, value)
    if known is not None:
        return value if known is stop else _operands(lo, node, rest)
    test = _truth(lo, value, part)
    harmless = all(map(_is_harmless, rest)) and not optional.uses(lo, rest)

    def later() -> Value:
        with optional.narrowed(lo, part, not stop):
            return _operands(lo, node, rest)

    return _shortcut(lo, test, value, stop, harmless, later, node)


def _truth(lo: Lowerer, value: Value, node: ast.expr) -> Var:
    """The truth of a value that depends on data, as a bool."""
    if isinstance(value, Size):
        raise NeedStatic(statics.demand_size(lo, value.dim) or [], lo.span(node))
    if not isinstance(value, Var):
        lo.refuse("CR032", f"and/or of {describe(value)} is not supported yet", node)
    if value.type.dims:
        raise PrimalRaises("the truth value of an array is ambiguous", lo.span(node))
    if value.type == Scalar("bool", True) or value.type.dtype == "bool":
        return value
    roots = statics.demand(lo, value)
    if roots is not None:
        raise NeedStatic(roots, lo.span(node))
    test = operators.apply(lo, "ne", [value, const(0)], None, node)
    assert isinstance(test, Var)
    return test


def _shortcut(
    lo: Lowerer,
    test: Var,
    value: Value,
    stop: bool,
    harmless: bool,
    rest: Callable[[], Value],
    node: ast.expr,
) -> Value:
    """The value where its truth is `stop`, else the rest, which is computed only then."""
    if test is value and harmless:
        other = rest()
        known = statics.known_truth(lo, other)
        if known is not None and _is_bool(other):
            return const(stop) if known is stop else value
        if _is_bool(other):
            return operators.apply(lo, "or" if stop else "and", [value, other], None, node)
        sides = [lambda: value, lambda: other]
    else:
        first = const(stop) if test is value else value
        sides = [lambda: first, rest]
    one, two = sides if stop else sides[::-1]
    result = branches.either(lo, test, one, two, node)
    eqn = lo.builder.eqns[-1]
    if eqn.op == "if" and eqn.outs == (result,) and test is value and _is_bool(result):
        logic = replace(eqn, static={**eqn.static, "logic": "or" if stop else "and"})
        lo.builder.eqns[-1] = logic
        lo.builder.origin[eqn.out] = logic
    return result


def _is_bool(value: Value) -> bool:
    return isinstance(value, Var | Const) and value.type.dtype == "bool" and not value.type.dims


def _is_harmless(node: ast.expr) -> bool:
    """Can it be computed though Python would not: no index, no call, no division, no binding?"""
    return all(isinstance(part, _HARMLESS) for part in ast.walk(node))


def compare(lo: Lowerer, node: ast.Compare) -> Value:
    """`a < b <= c`: each comparison only where the one before holds."""
    if (test := optional.tested(lo, node)) is not None:
        return test
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
        optional.needed(lo, node.left)
        optional.needed(lo, node.comparators[0])
    return _chain(lo, node, lo.expr(node.left), 0)


def _chain(lo: Lowerer, node: ast.Compare, left: Value, place: int) -> Value:
    op, comparator = node.ops[place], node.comparators[place]
    if isinstance(op, ast.In | ast.NotIn) and isinstance(comparator, ast.Set):
        comparator = ast.copy_location(ast.Tuple(comparator.elts, ast.Load()), comparator)
    right = lo.expr(comparator)
    part = comparisons.comparison(lo, op, left, right, node)
    rest = node.comparators[place + 1 :]
    if not rest:
        return part
    known = statics.known_truth(lo, part)
    if known is not None:
        return _chain(lo, node, right, place + 1) if known else part
    test = _truth(lo, part, node)
    return _shortcut(
        lo,
        test,
        part,
        False,
        all(map(_is_harmless, rest)),
        lambda: _chain(lo, node, right, place + 1),
        node,
    )
