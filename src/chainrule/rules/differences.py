"""Differences along an axis: diff and gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type, is_inexact
from .language import at_least, static_helper
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    linear,
    literal,
    pullback,
    tangent,
)
from .sizes import before, known_int, pad_along, position, replaced

# ---- diff


def infer_diff(call: OpCall) -> Type:
    """One axis shorter by the order `n`, after what is put before and behind."""
    (a,) = call.types
    n = known_int(call["n"], "the order n")
    if n < 0:
        raise InferError(f"order must be non-negative but got {n}")
    if n == 0:
        raise NotSupported("order 0 is the array itself")
    if not a.dims:
        raise InferError("diff requires input that is at least one dimensional")
    ends = [end for end in (call["prepend"], call["append"]) if end is not None]
    if not all(isinstance(end, bool | int | float | complex | np.generic) for end in ends):
        raise NotSupported("prepend= or append= that is no number; join with np.concatenate first")
    dtype = np.result_type(np.dtype(a.dtype), *(np.asarray(end).dtype for end in ends)).name
    axis = position(call["axis"], len(a.dims))
    size = a.dims[axis] + len(ends) - n
    if size.known is not None and size.known < 0:
        size = Dim(0)
    return Array(dtype, replaced(a.dims, axis, size))


define(
    "np.diff(a, n=1, axis=-1, prepend=None, append=None)",
    infer=infer_diff,
    cases=(
        "np.diff(u)", "np.diff(u, 2)", "np.diff(A)", "np.diff(A, axis=0)", "np.diff(A, n=3)",
        "np.diff(T, 2, axis=1)", "np.diff(u, prepend=0.5)", "np.diff(A, append=1)",
        "np.diff(A, 2, axis=0, prepend=1.0, append=2.0)", "np.diff(T, axis=-2, append=0.0)",
    ),
)  # fmt: skip


@static_helper
def odd(n: int) -> bool:
    """Is the order odd?"""
    return n % 2 == 1


@static_helper
def own(prepend: Any, append: Any) -> slice:
    """What remains of an axis without the numbers put before and behind it."""
    return slice(None if prepend is None else 1, None if append is None else -1)


@static_helper
def up_to(size: Any) -> slice:
    """The first elements of an axis."""
    return slice(None, size)


@pullback("y = np.diff(a, n, axis, prepend, append)", wrt="a")
def diff_a(dy: Any, a: Any, n: Any, axis: Any, prepend: Any, append: Any) -> Any:
    # The transpose of a difference is minus the difference of what is surrounded by zeros.
    wide = np.pad(dy, pad_along(axis, dy.ndim, n, n))
    da = -np.diff(wide, n, axis) if odd(n) else np.diff(wide, n, axis)
    if not (prepend is None and append is None):
        da = da[(*before(axis, dy.ndim), own(prepend, append))]
    if at_least(a.shape[axis], n):
        return da
    return da[(*before(axis, dy.ndim), up_to(a.shape[axis]))]  # n zeros for fewer elements


@composite(
    np.diff, cases=("np.diff(u, prepend=x)", "np.diff(An, 2, axis=0, append=B)"), complex_too=True
)
def diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None) -> Any:
    if (prepend is None or literal(prepend)) and (append is None or literal(append)):
        return np.diff(a, n, axis, prepend, append)
    parts = (*beside(prepend, a, axis), a, *beside(append, a, axis))
    return np.diff(np.concatenate(parts, axis=axis), n, axis)


def beside(value: Any, a: Any, axis: Any) -> Any:
    """What is put before or behind an array: a number along the whole of the other axes."""
    if value is None:
        return ()
    value = np.asarray(value)
    if value.ndim == 0:
        return (np.broadcast_to(value, one_long(a.shape, axis)),)
    return (value,)


@static_helper
def one_long(shape: Any, axis: Any) -> tuple[Any, ...]:
    """The shape with one element along the axis."""
    at = position(axis, len(shape))
    return tuple(1 if i == at else size for i, size in enumerate(shape))


# ---- gradient


@static_helper
def chosen(axis: Any, rank: int) -> tuple[int, ...]:
    """The axes that `np.gradient` differentiates along, in order of its results."""
    if axis is None:
        return tuple(range(rank))
    return tuple(position(i, rank) for i in (axis if isinstance(axis, tuple | list) else (axis,)))


def infer_gradient(call: OpCall) -> Type | tuple[Type, ...]:
    """The operand in floating point, once for each axis."""
    f, *spacing = call.types
    axes = chosen(call["axis"], len(f.dims))
    if len(set(axes)) != len(axes):
        raise InferError("repeated axis")
    if not axes:
        raise NotSupported("no axis to differentiate along")
    if any(h.dims for h in spacing):
        raise NotSupported("spacing given by coordinates; only a number for each axis is supported")
    if len(spacing) not in (0, 1, len(axes)):
        raise InferError("invalid number of arguments")
    order = call["edge_order"]
    if order not in (1, 2):
        raise InferError("'edge_order' greater than 2 not supported")
    for i in axes:
        size = f.dims[i].known
        if size is not None and size < order + 1:
            raise InferError("Shape of array too small to calculate a numerical gradient")
    dtype = f.dtype if is_inexact(f) else "float64"
    results = (Array(dtype, f.dims),) * len(axes)
    return results[0] if len(results) == 1 else results


define(
    "np.gradient(f, *varargs, axis=None, edge_order=1)",
    varargs=True,
    infer=infer_gradient,
    cases=(
        "np.gradient(u)", "np.gradient(u, x)", "np.gradient(u, x, edge_order=2)", "np.gradient(A)",
        "np.gradient(A, x, y)", "np.gradient(A, y, axis=1)", "np.gradient(T, axis=(1, -1))",
        "np.gradient(w, edge_order=2)", "np.gradient(T, x, axis=0)", "np.gradient(A, x)",
        "np.gradient(S, x, y, edge_order=2)",
    ),
)  # fmt: skip


def stencil(d: Any, axis: Any, edge_order: Any) -> Any:
    """The transpose of central differences with one-sided ones at both ends, at spacing 1."""
    inner = d[(*before(axis, d.ndim), slice(1, -1))] / 2
    first = d[(*before(axis, d.ndim), slice(None, 1))]
    last = d[(*before(axis, d.ndim), slice(-1, None))]
    if edge_order == 1:
        left = np.concatenate((-first, first), axis=axis)
        right = np.concatenate((-last, last), axis=axis)
    else:
        left = np.concatenate((-1.5 * first, 2 * first, -0.5 * first), axis=axis)
        right = np.concatenate((0.5 * last, -2 * last, 1.5 * last), axis=axis)
    rest = d.shape[axis] - edge_order - 1
    left_end = np.pad(left, pad_along(axis, d.ndim, 0, rest))
    right_end = np.pad(right, pad_along(axis, d.ndim, rest, 0))
    from_next = np.pad(inner, pad_along(axis, d.ndim, 2, 0))
    from_last = np.pad(inner, pad_along(axis, d.ndim, 0, 2))
    return from_next - from_last + left_end + right_end


@static_helper
def spacing_of(number: int, axis_number: int) -> int:
    """Which of the given spacings belongs to an axis: one may serve for all."""
    return 0 if number == 1 else axis_number


def along_axis(d: Any, axis: Any, edge_order: Any, varargs: Any, j: Any) -> Any:
    """What the result for the j-th of the axes contributes."""
    if len(varargs) == 0:
        return stencil(d, axis, edge_order)
    slope = d / varargs[spacing_of(len(varargs), j)]
    return stencil(slope, axis, edge_order)


@pullback("g = np.gradient(f, *varargs, axis, edge_order)", wrt="f")
def gradient_f(dg: Any, f: Any, varargs: Any, axis: Any, edge_order: Any) -> Any:
    axes = chosen(axis, f.ndim)
    if len(axes) == 1:
        return along_axis(dg, axes[0], edge_order, varargs, 0)
    return sum(along_axis(dg[j], i, edge_order, varargs, j) for j, i in enumerate(axes))


@pullback("g = np.gradient(f, *varargs, axis, edge_order)", wrt="varargs")
def gradient_varargs(dg: Any, g: Any, f: Any, varargs: Any, axis: Any, k: Any) -> Any:
    axes = chosen(axis, f.ndim)
    if len(axes) == 1:
        return -np.sum(g * dg) / varargs[k]
    if len(varargs) == 1:
        return -sum(np.sum(g[j] * dg[j]) for j in range(len(axes))) / varargs[0]
    return -np.sum(g[k] * dg[k]) / varargs[k]


# ---- in forward mode


@static_helper
def still(value: Any) -> Any:
    """What stands before or after the tangents where a constant was."""
    return None if value is None else 0.0


@tangent("y = np.diff(a, n, axis, prepend, append)", wrt="a")
def diff_dot(a_dot: Any, n: Any, axis: Any, prepend: Any, append: Any) -> Any:
    if prepend is None and append is None:
        return np.diff(a_dot, n, axis)
    return np.diff(a_dot, n, axis, prepend=still(prepend), append=still(append))


linear("gradient", "f")


@tangent("g = np.gradient(f, *varargs, axis, edge_order)", wrt="varargs")
def gradient_varargs_dot(varargs_dot: Any, g: Any, f: Any, varargs: Any, axis: Any, k: Any) -> Any:
    axes = chosen(axis, f.ndim)
    if len(axes) == 1:
        return -g * varargs_dot / varargs[k]
    if len(varargs) == 1:
        return tuple(-g[j] * varargs_dot / varargs[0] for j in range(len(axes)))
    return tuple(
        -g[j] * varargs_dot / varargs[k] if j == k else np.zeros_like(g[j])
        for j in range(len(axes))
    )


# ---- gradient between points that are given


@composite(
    np.gradient,
    cases=(
        "np.gradient(un, np.cumsum(v))",
        "np.gradient(An, np.cumsum(u), axis=1)",
        "np.gradient(An, np.cumsum(w), np.cumsum(u))",
        "np.gradient(un, np.cumsum(v), edge_order=2)",
        "np.gradient(An, 2.0, np.cumsum(u))",
        "np.gradient(An, x, axis=0)",
    ),
    complex_too=True,
)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    if all_numbers(tuple(np.ndim(v) for v in varargs)):
        return np.gradient(f, *varargs, axis=axis, edge_order=edge_order)
    axes = chosen(axis, f.ndim)
    parts = tuple(
        slope_along(f, varargs[spacing_of(len(varargs), j)], i, edge_order)
        for j, i in enumerate(axes)
    )
    return parts[0] if len(parts) == 1 else parts


@static_helper
def all_numbers(ranks: tuple[int, ...]) -> bool:
    """Is every spacing one number?"""
    return all(rank == 0 for rank in ranks)


def part(f: Any, axis: Any, start: Any, stop: Any) -> Any:
    """A slice along one axis."""
    return f[(*before(axis, f.ndim), slice(start, stop))]


def slope_along(f: Any, x: Any, axis: Any, edge_order: Any) -> Any:
    """Differences of second order along one axis, at the ends of `edge_order`."""
    if x.ndim == 0:
        return np.gradient(f, x, axis=axis, edge_order=edge_order)
    dx = np.reshape(np.diff(x), line_of(axis, f.ndim))
    h, k = part(dx, axis, None, -1), part(dx, axis, 1, None)
    inner = (
        -k / (h * (h + k)) * part(f, axis, None, -2)
        + (k - h) / (h * k) * part(f, axis, 1, -1)
        + h / (k * (h + k)) * part(f, axis, 2, None)
    )
    if edge_order == 1:
        left = (part(f, axis, 1, 2) - part(f, axis, None, 1)) / part(dx, axis, None, 1)
        right = (part(f, axis, -1, None) - part(f, axis, -2, -1)) / part(dx, axis, -1, None)
    else:
        h, k = part(dx, axis, None, 1), part(dx, axis, 1, 2)
        left = (
            -(2 * h + k) / (h * (h + k)) * part(f, axis, None, 1)
            + (h + k) / (h * k) * part(f, axis, 1, 2)
            - h / (k * (h + k)) * part(f, axis, 2, 3)
        )
        h, k = part(dx, axis, -2, -1), part(dx, axis, -1, None)
        right = (
            k / (h * (h + k)) * part(f, axis, -3, -2)
            - (k + h) / (h * k) * part(f, axis, -2, -1)
            + (2 * k + h) / (k * (h + k)) * part(f, axis, -1, None)
        )
    return np.concatenate((left, inner, right), axis=axis)


@static_helper
def line_of(axis: int, rank: int) -> tuple[int, ...]:
    """The shape of a vector along one axis."""
    return tuple(-1 if i == axis % rank else 1 for i in range(rank))


complex_too("diff", "gradient")
