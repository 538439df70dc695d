"""Comparisons of abstract values: `==`, `<`, `is`, `in`."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING

from ..errors import PrimalRaises
from ..ir.program import Const, Var
from ..ir.types import Scalar
from ..rules.builder import const
from . import growing, list_orders, operands, operators, special_methods, statics
from .operators import OPERATORS
from .values import Static, Struct, Text, Value, python_class

if TYPE_CHECKING:
    from .lower import Lowerer


def comparison(lo: Lowerer, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> Value:
    """`left op right` for one operator."""
    if growing.is_list(left) or growing.is_list(right):
        growing.refuse_comparison(lo, op, left, right, node)
    special = special_methods.compared(lo, op, left, right, node)
    if special is not None:
        return special
    if isinstance(op, ast.Is | ast.IsNot):
        flag = _is_flag(lo, left, right)
        if flag is not None:
            test, wanted = flag
            return (
                test
                if wanted is isinstance(op, ast.Is)
                else operators.apply(lo, "not", [test], None, node)
            )
        same = _identical(lo, left, right, node)
        return const(same if isinstance(op, ast.Is) else not same)
    if isinstance(op, ast.In | ast.NotIn):
        inside = _contains(lo, left, right, node)
        if isinstance(inside, Var):
            return (
                inside
                if isinstance(op, ast.In)
                else operators.apply(lo, "not", [inside], None, node)
            )
        return const(inside if isinstance(op, ast.In) else not inside)
    name, _, fun = OPERATORS[type(op)]
    if any(isinstance(v, Static | Struct | Text) for v in (left, right)):
        if not any(isinstance(v, Var) and v.type.dims for v in (left, right)):
            alike = _same_structure(left, right)
            if alike is None and (tested := _by_parts(lo, op, left, right, node)) is not None:
                return tested
            if alike is None or not isinstance(op, ast.Eq | ast.NotEq):
                a, b = statics.python_value(lo, left, node), statics.python_value(lo, right, node)
                try:
                    return const(bool(fun(a, b)))
                except TypeError as error:
                    raise PrimalRaises(str(error), lo.span(node)) from None
            return const(alike is isinstance(op, ast.Eq))
    a, b = statics.int_dim_of(left), statics.int_dim_of(right)
    if a is not None and b is not None and a == b:
        return const(bool(fun(0, 0)))
    return operators.apply(lo, name, [left, right], fun, node)


def _is_flag(lo: Lowerer, left: Value, right: Value) -> tuple[Var, bool] | None:
    """`test is True` of a Python bool that depends on data: the test and the constant."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const) and isinstance(one.value, bool) and isinstance(other, Var):
            if other.type == Scalar("bool", True) and lo.builder.literal(other) is None:
                return None if statics.demand(lo, other) else (other, one.value)
    return None


def _identical(lo: Lowerer, left: Value, right: Value, node: ast.AST) -> bool:
    """`left is right`: of None, bools and objects that are known; two numbers may be one object."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Static):
            return isinstance(other, Static) and one.obj is other.obj
        if isinstance(one, Const) and isinstance(one.value, bool):
            if isinstance(other, Var) and other.type == Scalar("bool", True):
                other = const(statics.static_value(lo, other, node))
            return isinstance(other, Const) and other.value is one.value
    if left is not right:
        lo.refuse(
            "CR016",
            "whether two numbers, arrays or containers are one object is known only at run time",
            node,
            "compare with ==",
        )
    return True


def _same_structure(left: Value, right: Value) -> bool | None:
    """Whether two sequences are equal, None where that takes their values.

    Shapes are equal without asking for the sizes when each size is the same expression.
    """
    if not (isinstance(left, Struct) and isinstance(right, Struct)):
        return None
    if not (left.is_sequence and right.is_sequence) or left.keys or right.keys:
        return None
    if python_class(left) is not python_class(right) or len(left.items) != len(right.items):
        return False
    pairs = [
        (statics.int_dim_of(a), statics.int_dim_of(b))
        for a, b in zip(left.items, right.items, strict=True)
    ]
    return True if all(a is not None and b is not None and a == b for a, b in pairs) else None


def _by_parts(lo: Lowerer, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> Value | None:
    """Two sequences of numbers from data: the first parts that differ decide."""
    if not (isinstance(left, Struct) and isinstance(right, Struct)):
        return None
    if not (left.is_sequence and right.is_sequence) or left.cls is not right.cls:
        return None
    if list_orders.can_be_known(lo, left) and list_orders.can_be_known(lo, right):
        return None
    pairs = list(zip(left.items, right.items, strict=False))
    if isinstance(op, ast.Eq | ast.NotEq):
        joined = _all_of(lo, [comparison(lo, ast.Eq(), a, b, node) for a, b in pairs], node)
        return (
            joined if isinstance(op, ast.Eq) else operators.apply(lo, "not", [joined], None, node)
        )
    strict = ast.Lt() if isinstance(op, ast.Lt | ast.LtE) else ast.Gt()
    orders = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}
    answer: Value = const(bool(orders[type(op)](len(left.items), len(right.items))))
    for a, b in reversed(pairs):
        same = _both(lo, "and", comparison(lo, ast.Eq(), a, b, node), answer, node)
        answer = _both(lo, "or", comparison(lo, strict, a, b, node), same, node)
    return answer


def _all_of(lo: Lowerer, tests: list[Value], node: ast.AST) -> Value:
    answer: Value = const(True)
    for test in reversed(tests):
        answer = _both(lo, "and", test, answer, node)
    return answer


def _both(lo: Lowerer, name: str, a: Value, b: Value, node: ast.AST) -> Value:
    """`a and b`, `a or b` of tests, of which some may be known."""
    for one, other in ((a, b), (b, a)):
        known = statics.known_truth(lo, one)
        if known is not None:
            return other if known is (name == "and") else const(known)
    return operators.apply(lo, name, [a, b], None, node)


def _contains(lo: Lowerer, left: Value, right: Value, node: ast.AST) -> bool | Value:
    if growing.is_list(right):
        with operators.blamed(lo, node):
            return lo.builder.one("list_contains", [operands.atom(lo, left, node), right])
    if isinstance(right, Struct) and right.is_sequence and isinstance(left, Var):
        if not list_orders.can_be_known(lo, Struct(list, (left, *right.items))):
            answer: Value = const(False)
            for item in reversed(right.items):
                answer = _both(lo, "or", comparison(lo, ast.Eq(), left, item, node), answer, node)
            return answer
    if isinstance(right, Struct) and right.is_dict:
        return statics.key_value(lo, left, node) in (right.keys or ())
    item, items = statics.python_value(lo, left, node), statics.python_value(lo, right, node)
    try:
        return item in items
    except TypeError as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
