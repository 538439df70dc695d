"""Calls that write into an array: `np.add.at`, `np.copyto`, `out=`, `A.fill`, `A.sort` and their kin.

Each becomes a write of `frontend.writes`; what it computes is computed like any other expression.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..ir.program import Atom, Const, Var
from ..ir.types import Array
from ..rules.builder import const
from ..rules.indexing import repeats
from . import calls, operands, operators, statics, subscripts
from .values import Static, Struct, Value
from .writes import WHOLE, check_kind, write

if TYPE_CHECKING:
    from .lower import Lowerer

Kwargs = dict[str, Value]
NONE: Final = Static(None)


def _array(lo: Lowerer, value: Value, node: ast.AST) -> Var:
    if not isinstance(value, Var) or not isinstance(value.type, Array):
        lo.refuse_construct("write", node)
    return value


def _parts(
    lo: Lowerer, names: str, args: list[Value], kwargs: Kwargs, node: ast.AST
) -> list[Value | None]:
    """The arguments of a call in the order of `names`, None for those that are not given."""
    order = names.split()
    found: dict[str, Value] = dict(zip(order, args, strict=False))
    unknown = kwargs.keys() - set(order)
    if unknown or len(args) > len(order):
        what = f"the option {min(unknown)}" if unknown else "this call"
        lo.refuse("CR021", f"{what} is not supported here", node)
    return [({**found, **kwargs}).get(name) for name in order]


def _numpy(lo: Lowerer, fun: Any, args: list[Value], node: ast.AST, **kwargs: Value) -> Value:
    return calls.call_value(lo, Static(fun), args, kwargs, node)


def _store(lo: Lowerer, array: Var, new: Value, node: ast.AST) -> Value:
    write(lo, array, "set_at", WHOLE, operands.atom(lo, new, node), [], node)
    return NONE


def with_out(lo: Lowerer, func: Static, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    """`np.add(a, b, out=c)`: computed, then written into `c`."""
    out = kwargs["out"]
    if isinstance(out, Struct) and len(out.items) == 1:
        out = out.items[0]
    array = _array(lo, out, node)
    rest = {k: v for k, v in kwargs.items() if k != "out"}
    where = rest.pop("where", None) if isinstance(func.obj, np.ufunc) else None
    if where is not None:
        args = [_harmless(lo, func.obj, i, arg, where, node) for i, arg in enumerate(args)]
    value = operands.atom(lo, calls.call_value(lo, func, args, rest, node), node)
    if where is not None:
        value = operands.atom(lo, _numpy(lo, np.where, [where, value, array], node), node)
    if value.type.dims != array.type.dims and len(value.type.dims) != len(array.type.dims):
        lo.refuse("CR021", "out= of another rank than the result", node)
    check_kind(lo, array, value, node)
    _store(lo, array, value, node)
    return lo.builder.up_to_date(array)


# Functions that are not defined, or warn, for some operands: which ones, and what is fine instead.
_DOMAINS: Final[dict[Any, tuple[tuple[int, ...], float]]] = {
    np.divide: ((1,), 1.0), np.floor_divide: ((1,), 1.0), np.mod: ((1,), 1.0), np.fmod: ((1,), 1.0),
    np.power: ((0, 1), 1.0), np.float_power: ((0, 1), 1.0), np.reciprocal: ((0,), 1.0),
    np.log: ((0,), 1.0), np.log2: ((0,), 1.0), np.log10: ((0,), 1.0), np.log1p: ((0,), 1.0),
    np.sqrt: ((0,), 1.0), np.exp: ((0,), 1.0), np.arcsin: ((0,), 0.5), np.arccos: ((0,), 0.5),
    np.arctanh: ((0,), 0.5), np.arccosh: ((0,), 2.0),
}  # fmt: skip


def _harmless(
    lo: Lowerer, ufunc: Any, position: int, arg: Value, where: Value, node: ast.AST
) -> Value:
    """An operand, with a harmless number in place of elements that are left out."""
    places, other = _DOMAINS.get(ufunc, ((), 1.0))
    if position not in places or isinstance(arg, Const):
        return arg
    return _numpy(lo, np.where, [where, arg, const(other)], node)


def ufunc_at(lo: Lowerer, ufunc: Any, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    """`np.add.at(A, index, v)`: every repetition of an index counts."""
    array_value, key, operand = _parts(lo, "a indices b", args, kwargs, node)
    array = _array(lo, array_value or NONE, node)
    keys = key.items if isinstance(key, Struct) and key.cls is tuple else (key or NONE,)
    holder: list[Atom] = [array, const(0.0)]
    pattern = tuple(subscripts.entry(lo, item, holder, node) for item in keys)
    index = holder[2:]
    if ufunc in (np.add, np.subtract):
        part = operands.atom(lo, operand or NONE, node)
        if ufunc is np.subtract:
            negative = operators.apply(lo, "neg", [part], lambda x: -x, node)
            part = operands.atom(lo, negative, node)
        write(lo, array, "add_at", pattern, part, index, node)
        return NONE
    if repeats(pattern):
        lo.refuse(
            "CR059",
            f"np.{ufunc.__name__}.at at integer arrays, which may repeat an index, is not supported",
            node,
            "write it as a loop",
        )
    read = subscripts.index(lo, array, key or NONE, node)
    new = _numpy(lo, ufunc, [read] if operand is None else [read, operand], node)
    write(lo, array, "set_at", pattern, operands.atom(lo, new, node), index, node)
    return NONE


def _copyto(lo: Lowerer, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    target, source, casting, where = _parts(lo, "dst src casting where", args, kwargs, node)
    if casting is not None:
        lo.refuse("CR021", "the option casting is not supported here", node)
    array = _array(lo, target or NONE, node)
    if where is None:
        return _store(lo, array, source or NONE, node)
    return _store(lo, array, _numpy(lo, np.where, [where, source or NONE, array], node), node)


def _putmask(lo: Lowerer, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    target, mask, values = _parts(lo, "a mask values", args, kwargs, node)
    array = _array(lo, target or NONE, node)
    atom = operands.atom(lo, values or NONE, node)
    if atom.type.dims and atom.type.dims != array.type.dims:
        help = "use values of the shape of the array"
        lo.refuse("CR021", "np.putmask with values that are repeated", node, help)
    return _store(lo, array, _numpy(lo, np.where, [mask or NONE, atom, array], node), node)


def _fill_diagonal(lo: Lowerer, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    target, value, wrap = _parts(lo, "a val wrap", args, kwargs, node)
    array = _array(lo, target or NONE, node)
    dims = array.type.dims
    if wrap is not None or len(dims) != 2 or dims[0] != dims[1]:
        help = "write it with two index arrays"
        lo.refuse("CR021", "np.fill_diagonal of an array that is not square", node, help)
    places = _numpy(lo, np.arange, [lo.builder.size(dims[0])], node)
    key = Struct(tuple, (places, places))
    holder: list[Atom] = [array, const(0.0)]
    pattern = tuple(subscripts.entry(lo, item, holder, node) for item in key.items)
    part = operands.atom(lo, value or NONE, node)
    write(lo, array, "set_at", pattern, part, holder[2:], node)
    return NONE


def _put_along_axis(lo: Lowerer, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    parts = _parts(lo, "arr indices values axis", args, kwargs, node)
    target, indices, values, axis_value = (p or NONE for p in parts)
    array = _array(lo, target, node)
    where = operands.atom(lo, indices, node)
    rank = len(array.type.dims)
    axis = statics.known_int(lo, axis_value, node) % rank
    holder: list[Atom] = [array, const(0.0)]
    pattern = []
    for k in range(rank):
        item: Value = where
        if k != axis:
            item = _numpy(lo, np.arange, [lo.builder.size(array.type.dims[k])], node)
            shape = tuple(const(-1 if i == k else 1) for i in range(rank))
            item = _numpy(lo, np.reshape, [item, Struct(tuple, shape)], node)
        pattern.append(subscripts.entry(lo, item, holder, node))
    part = operands.atom(lo, values, node)
    write(lo, array, "set_at", tuple(pattern), part, holder[2:], node)
    return NONE


def _put(lo: Lowerer, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    target, indices, values, mode = _parts(lo, "a ind v mode", args, kwargs, node)
    array = _array(lo, target or NONE, node)
    if mode is not None or len(array.type.dims) != 1:
        lo.refuse("CR021", "np.put into an array of rank 2 or more", node, "index the array")
    holder: list[Atom] = [array, const(0.0)]
    pattern = (subscripts.entry(lo, indices or NONE, holder, node),)
    part = operands.atom(lo, values or NONE, node)
    write(lo, array, "set_at", pattern, part, holder[2:], node)
    return NONE


def _sort(lo: Lowerer, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    array = _array(lo, args[0], node)
    return _store(lo, array, _numpy(lo, np.sort, args, node, **kwargs), node)


def _fill(lo: Lowerer, args: list[Value], kwargs: Kwargs, node: ast.AST) -> Value:
    target, value = _parts(lo, "a value", args, kwargs, node)
    array = _array(lo, target or NONE, node)
    atom = operands.atom(lo, value or NONE, node)
    if atom.type.dims:
        lo.refuse_construct("write", node)
    return _store(lo, array, atom, node)


FUNCTIONS: Final[dict[Any, Callable[[Lowerer, list[Value], Kwargs, ast.AST], Value]]] = {
    np.copyto: _copyto,
    np.putmask: _putmask,
    np.put: _put,
    np.fill_diagonal: _fill_diagonal,
    np.put_along_axis: _put_along_axis,
}
METHODS: Final[dict[str, Callable[[Lowerer, list[Value], Kwargs, ast.AST], Value]]] = {
    "fill": _fill,
    "sort": _sort,
    "put": _put,
}
