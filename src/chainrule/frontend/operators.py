"""Operators on abstract values: arithmetic, of sequences and sizes too."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises, UnsupportedError
from ..ir.program import Atom, Const, Var
from ..ir.types import Scalar, is_inexact
from ..rules.builder import const, int_dim
from . import dict_methods, growing, operands, special_methods, statics, strings
from .describing import describe
from .values import Size, Static, Struct, Text, Value, python_class

if TYPE_CHECKING:
    from .lower import Lowerer

Operator = tuple[str, str, Callable[..., Any]]

OPERATORS: Final[dict[type[ast.AST], Operator]] = {
    ast.Add: ("add", "+", operator.add),
    ast.Sub: ("sub", "-", operator.sub),
    ast.Mult: ("mul", "*", operator.mul),
    ast.Div: ("div", "/", operator.truediv),
    ast.FloorDiv: ("floordiv", "//", operator.floordiv),
    ast.Mod: ("mod", "%", operator.mod),
    ast.Pow: ("pow", "**", operator.pow),
    ast.MatMult: ("matmul", "@", operator.matmul),
    ast.BitAnd: ("bitand", "&", operator.and_),
    ast.BitOr: ("bitor", "|", operator.or_),
    ast.BitXor: ("bitxor", "^", operator.xor),
    ast.LShift: ("lshift", "<<", operator.lshift),
    ast.RShift: ("rshift", ">>", operator.rshift),
    ast.USub: ("neg", "-", operator.neg),
    ast.UAdd: ("pos", "+", operator.pos),
    ast.Invert: ("invert", "~", operator.invert),
    ast.Eq: ("eq", "==", operator.eq),
    ast.NotEq: ("ne", "!=", operator.ne),
    ast.Lt: ("lt", "<", operator.lt),
    ast.LtE: ("le", "<=", operator.le),
    ast.Gt: ("gt", ">", operator.gt),
    ast.GtE: ("ge", ">=", operator.ge),
}


def binary(lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST) -> Value:
    """`left op right` on abstract values."""
    name, _, fun = OPERATORS[type(op)]
    text = strings.operator_on(lo, op, fun, left, right, node)
    if text is not None:
        return text
    if growing.is_list(left) or growing.is_list(right):
        listed = growing.operator(lo, op, left, right, node)
        if listed is not None:
            return listed
    joined = dict_methods.set_operator(lo, op, left, right, node)
    if joined is not None:
        return joined
    if isinstance(left, Struct) or isinstance(right, Struct):
        special = special_methods.binary(lo, op, left, right, node)
        if special is not None:
            return special
        return _sequence_operator(lo, op, left, right, node)
    sized = _size_arithmetic(op, left, right)
    if sized is not None:
        return sized
    return apply(lo, name, [left, right], fun, node)


def _sequence_operator(
    lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST
) -> Value:
    """Concatenation and repetition of tuples and lists; arithmetic makes arrays of them."""
    if isinstance(op, ast.Add) and isinstance(left, Struct) and isinstance(right, Struct):
        for cls in (tuple, list):
            if issubclass(left.cls, cls) and issubclass(right.cls, cls):
                return growing.made(lo, Struct(cls, left.items + right.items))
        raise PrimalRaises("only tuples can be added to tuples, and lists to lists", lo.span(node))
    if isinstance(op, ast.Mult):
        struct, count = (left, right) if isinstance(left, Struct) else (right, left)
        assert isinstance(struct, Struct)
        if isinstance(count, Const | Size) or statics.int_dim_of(count) is not None:
            repeated = growing.repeated(lo, struct, count, node)
            if repeated is not None:
                return repeated
            kind = python_class(struct)
            if kind not in (tuple, list):
                raise PrimalRaises(f"{describe(struct)} cannot be repeated", lo.span(node))
            items = struct.items * statics.known_int(lo, count, node)
            return growing.made(lo, Struct(kind, items))
    other = right if isinstance(left, Struct) else left
    numpy = isinstance(other, Var | Const) and not (
        isinstance(other.type, Scalar) and (other.type.weak or isinstance(op, ast.Mult))
    )
    if not numpy:
        raise PrimalRaises("Python has no such operation on sequences", lo.span(node))
    name, _, fun = OPERATORS[type(op)]
    return apply(lo, name, [left, right], fun, node)


def _size_arithmetic(op: ast.operator, left: Value, right: Value) -> Value | None:
    """Sums, differences and multiples of sizes stay symbolic while they have no name."""
    if not (isinstance(left, Size) or isinstance(right, Size)):
        return None
    if any(isinstance(v, Var) for v in (left, right)):
        return None
    a, b = statics.int_dim_of(left), statics.int_dim_of(right)
    if a is None or b is None:
        return None
    if isinstance(op, ast.Add):
        return Size(a + b)
    if isinstance(op, ast.Sub):
        return Size(a - b)
    if isinstance(op, ast.Mult) and (a.known is not None or b.known is not None):
        return Size(a * b.known if b.known is not None else b * (a.known or 0))
    return None


def apply(
    lo: Lowerer, name: str, values: list[Value], fun: Callable[..., Any] | None, node: ast.AST
) -> Value:
    """Apply an operator: computed now when all operands are known, else an equation."""
    atoms = [operands.atom(lo, value, node) for value in values]
    folded = _fold(lo, atoms, fun, node)
    if folded is not None:
        return folded
    with blamed(lo, node):
        var = lo.builder.one(name, atoms)
    _track_size(name, var, atoms)
    return var


@contextmanager
def blamed(lo: Lowerer, node: ast.AST) -> Iterator[None]:
    """Errors of type inference are about this expression, not about its whole statement."""
    outer, lo.builder.span = lo.builder.span, lo.span(node)
    try:
        yield
    except UnsupportedError as error:
        message = re.sub(r"^list_\w+: ", "", error.message.removeprefix("py_"))
        lo.refuse(error.code, message, node, error.help)
    finally:
        lo.builder.span = outer


def _track_size(name: str, var: Var, atoms: list[Atom]) -> None:
    """Integer arithmetic that is linear keeps its meaning as a size."""
    if not isinstance(var.type, Scalar) or len(atoms) != 2:
        return
    a, b = (int_dim(x) for x in atoms)
    if a is None or b is None or name not in ("add", "sub", "mul"):
        return
    if name == "mul":
        if a.known is None and b.known is None:
            return
        dim = a * b.known if b.known is not None else b * (a.known or 0)
    else:
        dim = a + b if name == "add" else a - b
    var.type = Scalar(var.type.dtype, var.type.weak, dim)


def _fold(
    lo: Lowerer, atoms: list[Atom], fun: Callable[..., Any] | None, node: ast.AST
) -> Const | None:
    """The value of an operation on constants (names count only in rule text and for ints)."""
    if fun is None:
        return None
    known: list[Any] = []
    for item in atoms:
        value = lo.builder.literal(item)
        if value is None or (isinstance(item, Var) and is_inexact(item.type) and not lo.trusted):
            return None
        known.append(value.value)
    try:
        with np.errstate(all="ignore"):
            result = fun(*known)
    except Exception as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
    if not isinstance(result, bool | int | float | complex | np.number | np.bool_):
        return None
    text = segment(lo, node) if isinstance(node, ast.expr) and not lo.trusted else None
    return const(result.item() if isinstance(result, np.bool_) else result, text)


def unary(lo: Lowerer, op: ast.unaryop, operand: Value, node: ast.AST) -> Value:
    """`-operand`, `+operand`, `~operand`."""
    special = special_methods.unary(lo, op, operand, node)
    if special is not None:
        return special
    if isinstance(operand, Struct | Text):
        raise PrimalRaises(f"a sign before {describe(operand)}", lo.span(node))
    name, _, fun = OPERATORS[type(op)]
    if isinstance(operand, Size) and isinstance(op, ast.USub):
        return Size(operand.dim * -1)
    return apply(lo, name, [operand], fun, node)


def segment(lo: Lowerer, node: ast.expr) -> str | None:
    """The user's own text of a constant expression without names of their own."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            value = lo.name(part)
            if not (isinstance(value, Static) and getattr(value.obj, "__name__", "") in _NAMED):
                return None
            if _NAMED[value.obj.__name__] != part.id:
                return None
    return lo.source.file.segment(node)


_NAMED: Final = {"math": "math", "cmath": "cmath", "numpy": "np"}
