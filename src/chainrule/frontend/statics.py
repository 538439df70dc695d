"""What is known when specialising: the values of tests, integers, options and keys."""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import NeedStatic, PrimalRaises
from ..ir.dims import Dim
from ..ir.program import Const, Var
from ..ir.types import Array, Scalar, is_inexact
from ..rules.builder import int_dim
from . import growing
from .describing import describe
from .values import VIEWS, Size, SliceValue, Static, Struct, Text, Value, python_class

if TYPE_CHECKING:
    from .lower import Lowerer


def truth(lo: Lowerer, node: ast.expr) -> bool:
    """The outcome of a test that has to be known when specialising."""
    value = growing.truth(lo, lo.expr(node))
    known = known_truth(lo, value)
    if known is not None:
        return known
    roots = None
    if isinstance(value, Var):
        if value.type.dims:
            lo.refuse_construct("truth", node)
        roots = demand(lo, value)
    elif isinstance(value, Size):
        roots = demand_size(lo, value.dim)
    if roots is None:
        lo.refuse_construct("If", node)
    raise NeedStatic(roots, lo.span(node))


def known_truth(lo: Lowerer, value: Value) -> bool | None:
    """Whether a value counts as true, None when that depends on data."""
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Static):
        return bool(value.obj)
    if isinstance(value, Struct):
        counted = value.is_sequence or value.is_dict or value.cls in (set, *VIEWS)
        return bool(value.items) or not counted
    if isinstance(value, Text):
        return None
    if isinstance(value, Size):
        return None if value.dim.known is None else bool(value.dim.known)
    if isinstance(value, Var):
        known = lo.builder.known.get(value)
        return None if known is None else bool(known.value)
    return True


def demand(lo: Lowerer, value: Var) -> list[tuple[object, int | None]] | None:
    """The arguments whose values decide a test, None when it depends on data."""
    eqn = lo.builder.origin.get(value)
    dim = int_dim(value)
    if dim is not None and not any(s.root == (value, None) for s in dim.terms):
        return demand_size(lo, dim)
    if value in lo.unit.inner:
        return None
    if eqn is None:
        integer = isinstance(value.type, Scalar) and np.dtype(value.type.dtype).kind in "biu"
        return [(value, None)] if integer else None
    if is_inexact(value.type) or isinstance(value.type, Array):
        return None
    roots: list[tuple[object, int | None]] = []
    for part in eqn.reads():
        more = demand(lo, part)
        if more is None:
            return None
        roots += more
    return roots or None


def demand_size(lo: Lowerer, dim: Dim) -> list[tuple[object, int | None]] | None:
    """The arguments that decide a size, None when it depends on data."""
    roots: list[tuple[object, int | None]] = []
    for sym in dim.terms:
        if sym.factors:
            parts = [demand_size(lo, factor) for factor in sym.factors]
            if any(p is None for p in parts):
                return None
            roots += [root for p in parts if p is not None for root in p]
            continue
        if sym.root is None or not isinstance(sym.root[0], Var):
            return None
        var, axis = sym.root[0], sym.root[1]
        if var in lo.unit.inner:
            return None
        if var not in lo.builder.origin:
            roots.append((var, axis))
            continue
        more = demand(lo, var) if axis is None else _demand_source(lo, var)
        if more is None:
            return None
        roots += more
    return roots


def _demand_source(lo: Lowerer, var: Var) -> list[tuple[object, int | None]] | None:
    """What decides the sizes of a slice: those of the array, where they are not known yet."""
    eqn = lo.builder.origin.get(var)
    if eqn is None or eqn.op != "index" or len(eqn.args) != 1 or not isinstance(eqn.args[0], Var):
        return None
    roots: list[tuple[object, int | None]] = []
    for dim in eqn.args[0].type.dims:
        more = demand_size(lo, dim)
        if more is None:
            return None
        roots += more
    return roots or None


def known_int(lo: Lowerer, value: Value, node: ast.AST) -> int:
    """An integer that has to be known when specialising."""
    known = lo.builder.literal(value) if isinstance(value, Var | Const) else None
    if known is not None:
        try:
            return operator.index(known.value)
        except TypeError as error:
            raise PrimalRaises(str(error), lo.span(node)) from None
    dim = int_dim_of(value)
    if dim is None:
        lo.refuse(
            "CR014",
            f"{describe(value)} stands where an integer is needed",
            node,
            "an int that is differentiated counts as a float: leave it out of argnums",
        )
    if dim.known is not None:
        return dim.known
    roots = demand_size(lo, dim)
    if roots is None:
        lo.refuse(
            "CR014",
            "this integer has to be known when specialising, and depends on data",
            node,
            "pass it as an argument",
        )
    raise NeedStatic(roots, lo.span(node))


def int_dim_of(value: Value) -> Dim | None:
    """An abstract integer as a size expression."""
    if isinstance(value, Size):
        return value.dim
    return int_dim(value) if isinstance(value, Var | Const) else None


def static_value(lo: Lowerer, value: Value, node: ast.AST) -> Any:
    """A value as an option of an operation: Python objects, with `Dim` for unknown integers."""
    if isinstance(value, Static):
        return value.obj
    if isinstance(value, Struct):
        if value.keys is not None:
            return {
                k: static_value(lo, v, node) for k, v in zip(value.keys, value.items, strict=True)
            }
        return tuple(static_value(lo, item, node) for item in value.items)
    if isinstance(value, Var | Const):
        known = lo.builder.literal(value)
        if known is not None:
            return known.value
        dim = int_dim(value)
        if dim is not None:
            return dim if dim.known is None else dim.known
        if value.type in (Scalar("bool", True), Scalar("float64", True)) and isinstance(value, Var):
            if value not in lo.builder.origin:
                raise NeedStatic([(value, None)], lo.span(node))
    if isinstance(value, Size):
        return value.dim if value.dim.known is None else value.dim.known
    if isinstance(value, SliceValue):
        return value
    lo.refuse(
        "CR014",
        f"{describe(value)} from data, where a value is needed that is known when specialising",
        node,
        "pass it as an argument that is not differentiated",
    )


def key_value(lo: Lowerer, value: Value, node: ast.AST) -> Any:
    """A value as the key of a dict."""
    key = python_value(lo, value, node)
    try:
        hash(key)
    except TypeError as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
    return key


def python_value(lo: Lowerer, value: Value, node: ast.AST) -> Any:
    """`static_value` without symbolic sizes: integers are demanded."""
    if isinstance(value, Struct) and python_class(value) in (tuple, list):
        return python_class(value)(python_value(lo, item, node) for item in value.items)
    if int_dim_of(value) is not None:
        return known_int(lo, value, node)
    return static_value(lo, value, node)
