"""Abstract values as operands of equations, and as items that are gone through."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import numpy as np

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Var
from ..ir.types import Array
from ..rules.builder import const
from . import calls, growing, statics, subscripts
from .describing import describe
from .values import ONE_SHOT, VIEWS, Bound, Closure, Method, Size, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


def atom(lo: Lowerer, value: Value, node: ast.AST) -> Atom:
    """An abstract value as the operand of an equation."""
    if growing.is_list(value):
        return growing.stacked(lo, value, node)
    if isinstance(value, Var | Const):
        return value
    if isinstance(value, Size):
        return lo.builder.size(value.dim)
    if isinstance(value, Struct) and value.keys is None and value.is_sequence:
        array = calls.array_of(lo, value, node)
        return array
    if isinstance(value, Static) and isinstance(value.obj, np.bool_ | np.number):
        return const(value.obj)
    lo.refuse("CR012", f"{describe(value)} cannot be used in arithmetic", node, _instead(value))


def _instead(value: Value) -> str:
    """What to do about a value that is no operand."""
    if isinstance(value, Method | Bound | Closure):
        return "call it"
    if isinstance(value, Struct) and value.keys is not None:
        return "use what is in it"
    if isinstance(value, Struct):
        return "make a list of it"
    obj = value.obj if isinstance(value, Static) else None
    if isinstance(obj, np.ndarray):
        return "give the array a name of its own outside the function, or pass it as an argument"
    if isinstance(value, Static) and obj is None:
        return "test for None first: if x is not None"
    return "call it" if callable(obj) else ""


LONGEST: Final = 1000  # items of an array that are taken apart, one equation each


def iterate(lo: Lowerer, value: Value, node: ast.AST) -> list[Value]:
    """The items of a value whose number of items is known when specialising."""
    if isinstance(value, Struct):
        if value.is_dict:
            return [lo.wrap(key, node) for key in value.keys or ()]
        if value.cls in ONE_SHOT:
            if value in lo.unit.consumed:
                return []
            lo.unit.consumed.add(value)
        elif not (value.is_sequence or value.cls in (set, *VIEWS)):
            raise PrimalRaises(f"{describe(value)} cannot be unpacked", lo.span(node))
        return list(value.items)
    if growing.is_list(value):
        return growing.items_of(lo, value, node)
    if isinstance(value, Static) and isinstance(value.obj, range | str | tuple):
        return [lo.wrap(item, node) for item in value.obj]
    if isinstance(value, Var) and isinstance(value.type, Array) and value.type.dims:
        length = value.type.dims[0]
        count = statics.known_int(lo, Size(length), node)
        if count > LONGEST:
            lo.refuse(
                "CR033",
                f"going through the {count} items of an array one by one is not supported yet",
                node,
                "write it with whole-array NumPy operations",
            )
        return [subscripts.index(lo, value, const(i), node) for i in range(count)]
    if isinstance(value, Var | Const | Size | Closure):
        raise PrimalRaises(f"{describe(value)} cannot be unpacked", lo.span(node))
    lo.refuse(
        "CR013",
        f"{describe(value)} cannot be unpacked",
        node,
        "unpack a tuple or a list",
    )


def bind(lo: Lowerer, target: ast.expr, value: Value) -> None:
    """Bind a loop target without giving the value a name of its own."""
    if isinstance(target, ast.Name):
        lo.locals[target.id] = value
    elif isinstance(target, ast.Tuple | ast.List):
        for part, item in lo.parts(target, value):
            bind(lo, part, item)
    else:
        lo.refuse_construct("write", target)
