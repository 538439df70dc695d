"""NumPy's functions that call a function of the user's, as the loops that they stand for.

The functions in the first part are not run: they are walked in place of the call, like a helper of
the user's, and errors in them are blamed on the call.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from ..errors import PrimalRaises
from . import operands, statics, user_calls
from .source import trusted_source
from .values import Bound, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


# -- the loops -------------------------------------------------------------------------------------


def apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Each line along the axis replaced by what the function makes of it."""
    lines = np.moveaxis(arr, axis, -1)
    rows = np.reshape(lines, (-1, lines.shape[-1]))
    first = func1d(rows[0], *args, **kwargs)
    results = np.zeros((rows.shape[0], *np.shape(first)), dtype=np.asarray(first).dtype)
    results[0] = first
    for i in range(1, rows.shape[0]):
        results[i] = func1d(rows[i], *args, **kwargs)
    shaped = np.reshape(results, (*lines.shape[:-1], *np.shape(first)))
    made = np.ndim(first)
    if made == 0:
        return shaped
    start = axis if axis >= 0 else axis + np.ndim(arr)
    return np.moveaxis(shaped, tuple(range(-made, 0)), tuple(range(start, start + made)))


def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """The function applied along one axis after the other, axes that it drops put back."""
    for axis in axes if isinstance(axes, (tuple, list)) else (axes,):
        reduced = func(a, axis)
        a = reduced if np.ndim(reduced) == np.ndim(a) else np.expand_dims(reduced, axis)
    return a


def fromfunction(function: Any, shape: Any, *, dtype: Any = float, **kwargs: Any) -> Any:
    """The function of the positions along each axis."""
    return function(*np.indices(shape, dtype=dtype), **kwargs)


def vectorized(pyfunc: Any, *args: Any) -> Any:
    """The function of one element of each argument at a time."""
    arrays = np.broadcast_arrays(*args)
    if np.ndim(arrays[0]) == 0:
        return np.asarray(pyfunc(*args))
    flat = tuple(np.ravel(a) for a in arrays)
    first = pyfunc(*(f[0].item() for f in flat))
    results = np.zeros(np.size(flat[0]), dtype=np.asarray(first).dtype)
    results[0] = first
    for i in range(1, np.size(flat[0])):
        results[i] = pyfunc(*(f[i].item() for f in flat))
    return np.reshape(results, np.shape(arrays[0]))


def piecewise(x: Any, conditions: Any, functions: Any, *args: Any, **kwargs: Any) -> Any:
    """Each function of the elements that its condition is true for; of several the last one."""
    y = np.zeros_like(x)
    for condition, function in zip(conditions, functions, strict=True):
        if callable(function):
            y[condition] = function(x[condition], *args, **kwargs)
        else:
            y[condition] = function
    return y


Handler = Callable[["Lowerer", "list[Value]", "dict[str, Value]", ast.AST], Value]


# -- their calls -----------------------------------------------------------------------------------


def _walked(
    lo: Lowerer,
    text: Callable[..., Any],
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """A function of the first part in place of the call."""
    source = trusted_source(text)
    local = user_calls.bind(lo, text, args, kwargs, node)
    return lo.inline(source.node, source, local, nested=False, numbered=False, library=True)


def _piecewise(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`np.piecewise(x, conditions, functions)`, the default made a condition of its own."""
    from . import calls

    if len(args) < 3:
        raise PrimalRaises("piecewise() needs x, condlist and funclist", lo.span(node))
    x = operands.atom(lo, args[0], node)
    conditions: list[Value] = (
        [args[1]]
        if not isinstance(args[1], Struct) and len(operands.atom(lo, args[1], node).type.dims) <= 1
        else operands.iterate(lo, args[1], node)
    )
    functions = operands.iterate(lo, args[2], node)
    if len(functions) == len(conditions) + 1:
        anywhere = conditions[0]
        for condition in conditions[1:]:
            anywhere = calls.call_value(lo, Static(np.logical_or), [anywhere, condition], {}, node)
        conditions.append(calls.call_value(lo, Static(np.logical_not), [anywhere], {}, node))
    if len(functions) != len(conditions):
        raise PrimalRaises("piecewise: as many functions as conditions", lo.span(node))
    if not x.type.dims:
        lo.refuse("CR021", "np.piecewise of a number", node, "use np.where, or an if")
    pairs = [Struct(list, tuple(conditions)), Struct(list, tuple(functions))]
    return _walked(lo, piecewise, [x, *pairs, *args[3:]], kwargs, node)


def _vectorize(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`np.vectorize(f)`: what is called later."""
    if len(args) != 1 or kwargs.keys() - {"otypes", "doc", "cache"}:
        lo.refuse("CR021", "np.vectorize with excluded= or signature=", node, "write the loop")
    if "otypes" in kwargs:
        types = np.atleast_1d(np.asarray(statics.python_value(lo, kwargs["otypes"], node)))
        if len(types) != 1 or types[0] not in (float, "d", np.float64, "float"):
            lo.refuse("CR021", "np.vectorize with otypes= other than float", node, "leave it out")
    if isinstance(args[0], Static) and isinstance(args[0].obj, type):
        lo.refuse("CR021", "np.vectorize of a class", node, "write the loop")
    return Bound(args[0], cast(FunctionType, vectorized))


def is_vectorized(fun: Any) -> bool:
    """Is it a `np.vectorize` object that can be called here?"""
    return isinstance(fun, np.vectorize)


def call_vectorized(
    lo: Lowerer, fun: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """A call of a `np.vectorize` object from outside."""
    if kwargs or fun.excluded or fun.signature is not None:
        lo.refuse("CR021", "np.vectorize with excluded= or signature=", node, "write the loop")
    return _walked(lo, vectorized, [Static(fun.pyfunc), *args], {}, node)


def _text(text: Callable[..., Any]) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        return _walked(lo, text, args, kwargs, node)

    return handler


_HANDLERS: Final[dict[Any, Handler]] = {
    np.apply_along_axis: _text(apply_along_axis),
    np.apply_over_axes: _text(apply_over_axes),
    np.fromfunction: _text(fromfunction),
    np.piecewise: _piecewise,
    np.vectorize: _vectorize,
    vectorized: _text(vectorized),
}


def lookup(fun: Any) -> Handler | None:
    """How a call of such a function is read; None for all others."""
    try:
        return _HANDLERS.get(fun)
    except TypeError:  # not hashable
        return None
