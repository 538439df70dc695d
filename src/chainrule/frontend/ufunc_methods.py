"""Methods of ufuncs: `np.add.reduce`, `np.add.accumulate`, `np.multiply.outer`, `np.add.at`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..rules.builder import const
from ..rules.registry import CALLABLES, OPS
from . import calls, inplace_calls, operands, subscripts
from .values import SliceValue, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

NAMES: Final = ("at", "reduce", "accumulate", "outer", "reduceat")
_REDUCE: Final[dict[Any, Any]] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
_ACCUMULATE: Final[dict[Any, Any]] = {np.add: np.cumsum, np.multiply: np.cumprod}


def call(
    lo: Lowerer,
    ufunc: np.ufunc,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """A method of a ufunc as the function that it is, whose axis is the first by default."""
    if name == "at":
        return inplace_calls.ufunc_at(lo, ufunc, args, kwargs, node)
    if name == "outer":
        return _outer(lo, ufunc, args, kwargs, node)
    own = CALLABLES.get(getattr(ufunc, name, None))
    if own is not None:
        return calls.operation(lo, OPS[own[0]], own[1], args, kwargs, node)
    if name == "reduceat":
        help = "write it as a loop over the parts"
        lo.refuse("CR022", f"np.{ufunc.__name__}.reduceat has no derivative rule", node, help)
    table = _REDUCE if name == "reduce" else _ACCUMULATE
    allowed = {"axis", "keepdims", "dtype", "initial", "where"}
    if ufunc not in table or len(args) > 2 or kwargs.keys() - allowed:
        help = "write it as a loop, or with np.cumsum, np.sum and their kin"
        lo.refuse("CR022", f"np.{ufunc.__name__}.{name} has no derivative rule", node, help)
    axis = args[1] if len(args) == 2 else kwargs.get("axis", const(0))
    return calls.call_value(lo, Static(table[ufunc]), args[:1], {**kwargs, "axis": axis}, node)


def _outer(
    lo: Lowerer, ufunc: np.ufunc, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """`ufunc(a[..., None, None], b)`, with a new axis for each axis of `b`."""
    if kwargs or len(args) != 2:
        lo.refuse("CR021", f"np.{ufunc.__name__}.outer with options", node)
    a, b = (operands.atom(lo, arg, node) for arg in args)
    if a.type.dims and b.type.dims:
        full = [SliceValue(None, None, None)] * len(a.type.dims)
        key = Struct(tuple, (*full, *(Static(None) for _ in b.type.dims)))
        return calls.call_value(
            lo, Static(ufunc), [subscripts.index(lo, a, key, node), b], {}, node
        )
    return calls.call_value(lo, Static(ufunc), [a, b], {}, node)
