"""Operators on objects of the user's classes: `a + b` calls `a.__add__(b)`, `len(a)` `a.__len__()`."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import TYPE_CHECKING, Final

from ..rules.builder import const
from .values import Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_BINARY: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.MatMult: "matmul",
}  # fmt: skip
_UNARY: Final[dict[type[ast.unaryop], str]] = {
    ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__",
}  # fmt: skip
_COMPARED: Final[dict[type[ast.cmpop], tuple[str, str]]] = {
    ast.Lt: ("__lt__", "__gt__"), ast.LtE: ("__le__", "__ge__"), ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"), ast.Eq: ("__eq__", "__eq__"), ast.NotEq: ("__ne__", "__ne__"),
}  # fmt: skip


def called(lo: Lowerer, value: Value, name: str, args: list[Value], node: ast.AST) -> Value | None:
    """The result of a method that the user wrote in the class; None where there is none."""
    from . import objects
    from .calls import call_value

    if not isinstance(value, Struct) or not objects.is_users(value.cls):
        return None
    found = next((vars(b)[name] for b in value.cls.__mro__ if name in vars(b)), None)
    if not isinstance(found, FunctionType) or found.__code__.co_filename == "<string>":
        return None  # none, or one that a dataclass wrote
    member = objects.in_class_of(lo, value, value.cls, name, node)
    assert member is not None
    result = call_value(lo, member, args, {}, node)
    refused = isinstance(result, Static) and result.obj is NotImplemented
    return None if refused else result


def binary(lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value | None:
    """`left op right` where one of them is an object with such a method."""
    name = _BINARY.get(type(op))
    if name is None:
        return None
    result = called(lo, left, f"__{name}__", [right], node)
    return called(lo, right, f"__r{name}__", [left], node) if result is None else result


def in_place(
    lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST
) -> Value | None:
    """What `left op= right` binds, where the object has a method for it."""
    name = _BINARY.get(type(op))
    return None if name is None else called(lo, left, f"__i{name}__", [right], node)


def unary(lo: Lowerer, op: ast.unaryop, operand: Value, node: ast.AST) -> Value | None:
    """`-operand`."""
    name = _UNARY.get(type(op))
    return None if name is None else called(lo, operand, name, [], node)


def compared(lo: Lowerer, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> Value | None:
    """`left < right`."""
    if type(op) not in _COMPARED:
        return None
    name, turned = _COMPARED[type(op)]
    result = called(lo, left, name, [right], node)
    result = called(lo, right, turned, [left], node) if result is None else result
    if result is None and isinstance(op, ast.NotEq):
        equal = compared(lo, ast.Eq(), left, right, node)
        return None if equal is None else negated(lo, equal, node)
    return result


def negated(lo: Lowerer, value: Value, node: ast.AST) -> Value:
    """`not value`."""
    from . import operators, statics

    known = statics.known_truth(lo, value)
    return operators.apply(lo, "not", [value], None, node) if known is None else const(not known)


def truth(lo: Lowerer, value: Value, node: ast.AST) -> Value | None:
    """What decides whether an object counts as true."""
    result = called(lo, value, "__bool__", [], node)
    return called(lo, value, "__len__", [], node) if result is None else result
