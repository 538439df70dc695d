"""Products over axes, running sums and running products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import Array, Type
from .language import static_helper
from .reductions import (
    SUM_CASES,
    infer_reduction,
    lined_up,
    reduced_dims,
    require_plain,
    sampled_dtype,
    times,
)
from .registry import InferError, OpCall, complex_too, define, linear, pullback, tangent
from .shape import inverse
from .shapes import Axis, size_of
from .sizes import along

# ---- products


@static_helper
def sliced(axis: int, rank: int, *bounds: int | None) -> Any:
    """The index that takes a slice of one axis and all of the others.

    >>> sliced(1, 2, None, -1)
    (slice(None, None, None), slice(None, -1, None))
    """
    return along(axis, rank, slice(*bounds))


def before_and_after(a: Any, axis: int) -> Any:
    """For each element the product of all others along the axis.

    No division by the element, so that zeros are right, and a polynomial, so that its own
    derivative is right there too.
    """
    one = np.ones_like(a[sliced(axis, a.ndim, None, 1)])
    head = a[sliced(axis, a.ndim, None, -1)]
    tail = a[sliced(axis, a.ndim, None, 0, -1)]
    before = np.cumprod(np.concatenate((one, head), axis=axis), axis=axis)
    after = np.cumprod(np.concatenate((one, tail), axis=axis), axis=axis)
    return before * after[sliced(axis, a.ndim, None, None, -1)]


@static_helper
def reduced_last(axis: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """All axes, those in `axis` at the end.

    >>> reduced_last((0, -1), 4)
    (1, 2, 0, 3)
    """
    axes = tuple(sorted(i % rank for i in axis))
    return (*(i for i in range(rank) if i not in axes), *axes)


def others(a: Any, axis: Axis) -> Any:
    """For each element the product of all others that are multiplied with it."""
    if axis is None or (isinstance(axis, tuple) and len(axis) == a.ndim):
        if a.ndim == 1:
            return before_and_after(a, 0)
        return np.reshape(before_and_after(np.ravel(a), 0), a.shape)
    if not isinstance(axis, tuple):
        return before_and_after(a, axis)
    if len(axis) == 1:
        return before_and_after(a, axis[0])
    order = reduced_last(axis, a.ndim)
    kept = a.ndim - len(axis)
    moved = np.transpose(a, order)
    flat = np.reshape(moved, (*moved.shape[:kept], times(moved.shape[kept:])))
    return np.transpose(np.reshape(before_and_after(flat, kept), moved.shape), inverse(order))


define(
    "np.prod(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True)",
    method=True,
    infer=infer_reduction(np.prod),
    cases=(
        *(case.replace("sum", "prod") for case in SUM_CASES),
        "np.prod(T, axis=(0, 2))",
        "np.prod(T, axis=(1,))",
        "np.prod(T, axis=-2)",
    ),
)


@pullback("y = np.prod(a, axis)", wrt="a")
def prod_a(dy: Any, a: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    scaled = dy if initial is None else initial * dy
    if a.ndim == 0 or axis == ():
        return scaled
    return others(a, axis) * lined_up(scaled, a, axis, keepdims)


# ---- running sums and products

RUNNING_CASES = (
    "np.cumsum(u)",
    "np.cumsum(A, axis=0)",
    "np.cumsum(An, axis=-1)",
    "np.cumsum(T, axis=1)",
    "np.cumsum(T)",
    "np.cumsum(z)",
    "A.cumsum(axis=1)",
)


def infer_running(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """Inference for running sums and products: the operand's shape, or flat without an axis."""

    def infer(call: OpCall) -> Type:
        require_plain(call)
        (a,) = call.types
        options = {} if call["dtype"] is None else {"dtype": np.dtype(call["dtype"])}
        dtype = sampled_dtype(fun, (a.dtype,), **options)
        if call["axis"] is None:
            return Array(dtype, (size_of(a.dims),))
        if isinstance(call["axis"], tuple):
            raise InferError("'tuple' object cannot be interpreted as an integer")
        reduced_dims(a.dims, call["axis"], False)
        return Array(dtype, a.dims)

    return infer


for _name in ("cumsum", "cumprod"):
    define(
        f"np.{_name}(a, axis=None, dtype=None, out=None)",
        method=True,
        infer=infer_running(getattr(np, _name)),
        cases=tuple(case.replace("cumsum", _name) for case in RUNNING_CASES),
    )


def summed_from(x: Any, axis: int) -> Any:
    """For each position the sum of `x` from there to the end of the axis."""
    if x.ndim == 1:
        return np.cumsum(x[::-1])[::-1]
    return np.flip(np.cumsum(np.flip(x, axis), axis=axis), axis)


def as_operand(gradient: Any, a: Any) -> Any:
    """The gradient of a flattened operand in the operand's own shape."""
    if a.ndim == 1:
        return gradient
    return gradient[0] if a.ndim == 0 else np.reshape(gradient, a.shape)


@pullback("y = np.cumsum(a, axis)", wrt="a")
def cumsum_a(dy: Any, a: Any, axis: Any) -> Any:
    if axis is None:
        return as_operand(summed_from(dy, 0), a)
    return summed_from(dy, axis)


def cumprod_slope(dy: Any, a: Any, y: Any, axis: int) -> Any:
    """The pullback of `y = np.cumprod(a, axis)`, right at zeros.

    Element j has the gradient `sum(y[i] / a[j] * dy[i] for i >= j)`. At the first zero the quotient
    is the product as if that zero were a one; behind it all products stay zero.
    """
    zero = a == 0
    first_zero = zero & (np.cumsum(zero, axis=axis) == 1)
    without = np.cumprod(np.where(first_zero, 1.0, a), axis=axis)
    total = np.where(first_zero, summed_from(without * dy, axis), summed_from(y * dy, axis))
    return total / np.where(zero, 1.0, a)


@pullback("y = np.cumprod(a, axis)", wrt="a")
def cumprod_a(dy: Any, a: Any, y: Any, axis: Any) -> Any:
    if axis is None:
        flat = a if a.ndim == 1 else np.ravel(a)
        return as_operand(cumprod_slope(dy, flat, y, 0), a)
    return cumprod_slope(dy, a, y, axis)


# ---- in forward mode

linear("cumsum")


@tangent("y = np.prod(a, axis)", wrt="a")
def prod_dot(a_dot: Any, a: Any, axis: Any, keepdims: Any, initial: Any) -> Any:
    if a.ndim == 0 or axis == ():
        return a_dot if initial is None else initial * a_dot
    total = np.sum(others(a, axis) * a_dot, axis=axis, keepdims=keepdims)
    return total if initial is None else initial * total


def cumprod_growth(a_dot: Any, a: Any, y: Any, axis: int) -> Any:
    """The tangent of `y = np.cumprod(a, axis)`, right at zeros.

    It is `y[i] * sum(a_dot[j] / a[j] for j <= i)`. From the first zero on only the term of that
    zero is left, the product as if it were a one; from a second zero on there is none.
    """
    zero = a == 0
    zeros = np.cumsum(zero, axis=axis)
    first_zero = zero & (zeros == 1)
    without = np.cumprod(np.where(first_zero, 1.0, a), axis=axis)
    rates = np.cumsum(np.where(zero, 0.0, a_dot) / np.where(zero, 1.0, a), axis=axis)
    at_zero = np.cumsum(np.where(first_zero, a_dot, 0.0), axis=axis)
    return np.where(zeros == 0, y * rates, without * at_zero)


@tangent("y = np.cumprod(a, axis)", wrt="a")
def cumprod_dot(a_dot: Any, a: Any, y: Any, axis: Any) -> Any:
    if axis is None:
        if a.ndim == 1:
            return cumprod_growth(a_dot, a, y, 0)
        return cumprod_growth(np.ravel(a_dot), np.ravel(a), y, 0)
    return cumprod_growth(a_dot, a, y, axis)


complex_too("prod", "cumsum", "cumprod")
