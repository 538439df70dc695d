"""Indexing: known containers at once, arrays by an `index` equation.

The pattern of an index is the option `pattern`: one entry per index, each of

    ("int", size)  ("slice", start, stop, step)  ("new",)  ("all",)  ("array", Ref)  ("mask", Ref)

where a size is an int, a `Dim`, or None, and a `Ref` names an argument of the equation.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises
from ..ir.dims import Dim
from ..ir.program import Atom, Const, Ref, Var
from ..ir.types import Scalar
from . import assembling, dict_methods, growing, operands, optional, special_methods, statics
from .describing import describe
from .values import Size, SliceValue, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


_INDEXING: Final[Any] = type(np.s_)


def subscript(lo: Lowerer, node: ast.Subscript) -> Value:
    """`value[index]`."""
    optional.needed(lo, node.value)
    return index(lo, lo.expr(node.value), lo.expr(node.slice), node)


def index(lo: Lowerer, value: Value, key: Value, node: ast.AST) -> Value:
    """`value[key]` on abstract values."""
    if isinstance(value, Struct):
        special = special_methods.called(lo, value, "__getitem__", [key], node)
        if special is not None:
            return special
        taken = growing.data_item(lo, value, key, node)
        return _item(lo, value, key, node) if taken is None else taken
    if growing.is_list(value):
        return growing.item(lo, value, key, node)
    if isinstance(value, Static) and isinstance(value.obj, _INDEXING):  # np.s_[1:, ::2]
        single = value.obj.maketuple and not (isinstance(key, Struct) and key.cls is tuple)
        return Struct(tuple, (key,)) if single else key
    if isinstance(value, Static) and isinstance(value.obj, str | range | tuple):
        return lo.wrap(value.obj[statics.python_value(lo, key, node)], node)
    if isinstance(value, Static) and isinstance(value.obj, assembling.KINDS):
        return assembling.taken(lo, value.obj, key, node)
    if isinstance(value, Size):
        raise PrimalRaises("an integer cannot be indexed", lo.span(node))
    if not isinstance(value, Var | Const):
        lo.refuse("CR016", f"{describe(value)} cannot be indexed", node)
    if isinstance(value.type, Scalar) and value.type.weak:
        raise PrimalRaises("a number cannot be indexed", lo.span(node))
    keys = key.items if isinstance(key, Struct) and key.cls is tuple else (key,)
    args: list[Atom] = [value]
    pattern = tuple(entry(lo, item, args, node) for item in keys)
    return lo.builder.one("index", args, {"pattern": pattern})


def _item(lo: Lowerer, value: Struct, key: Value, node: ast.AST) -> Value:
    if value.is_dict:
        name = statics.key_value(lo, key, node)
        if name not in (value.keys or ()):
            return dict_methods.missing(lo, value, name, node)
        return value.get(name)
    if not value.is_sequence:
        raise PrimalRaises(f"{describe(value)} cannot be indexed", lo.span(node))
    if isinstance(key, SliceValue):
        parts = [
            statics.known_int(lo, Size(p), node) if isinstance(p, Dim) else p
            for p in (key.start, key.stop, key.step)
        ]
        cls = list if issubclass(value.cls, list) else tuple
        return growing.made(lo, Struct(cls, value.items[slice(*parts)]))
    try:
        return value.items[statics.known_int(lo, key, node)]
    except IndexError as error:
        raise PrimalRaises(f"IndexError: {error}", lo.span(node)) from None


def slice_value(lo: Lowerer, parts: list[Value | None], node: ast.AST) -> SliceValue:
    """A slice from the values of its parts."""
    known: list[Any] = []
    for part in parts:
        if part is None or (isinstance(part, Static) and part.obj is None):
            known.append(None)
            continue
        dim = statics.int_dim_of(part)
        if dim is None:
            raise PrimalRaises("slice indices must be integers or None", lo.span(node))
        known.append(dim if dim.known is None else dim.known)
    return SliceValue(*known)


def entry(lo: Lowerer, key: Value, args: list[Atom], node: ast.AST) -> tuple[Any, ...]:
    """One entry of the pattern; arrays are appended to the equation's arguments."""
    if isinstance(key, SliceValue):
        return ("slice", key.start, key.stop, key.step)
    if isinstance(key, Static) and key.obj is None:
        return ("new",)
    if isinstance(key, Static) and key.obj is Ellipsis:
        return ("all",)
    if isinstance(key, Struct) or (isinstance(key, Static) and isinstance(key.obj, np.ndarray)):
        key = operands.atom(lo, key, node)
    if isinstance(key, Var | Const) and key.type.dtype == "bool":
        if isinstance(key, Const):
            lo.refuse("CR016", "a bool as an index is not supported", node, "use an array mask")
        args.append(key)
        return ("mask", Ref(len(args) - 1))
    if isinstance(key, Var | Const) and key.type.dims:
        if np.dtype(key.type.dtype).kind not in "iu":
            raise PrimalRaises("arrays used as indices must be of integer type", lo.span(node))
        args.append(key)
        return ("array", Ref(len(args) - 1))
    dim = statics.int_dim_of(key)
    if dim is None:
        raise PrimalRaises("only integers, slices and arrays are valid indices", lo.span(node))
    return ("int", dim if dim.known is None else dim.known)
