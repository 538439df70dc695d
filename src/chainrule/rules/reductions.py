"""Sums, means, variances over axes, and what all rules for reductions share.

Everywhere `axis` is None, an int or a tuple, and `lined_up` gives a value with one entry per
result the axes that it needs to stand beside the operand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..ir.types import Type
from .language import at_least, count_dtype, static_helper, surely
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    linear,
    pullback,
    tangent,
)
from .shapes import Axis, Dims, reduced, with_dims


@cache
def sampled_dtype(fun: Callable[..., Any], dtypes: tuple[str, ...], **options: Any) -> str:
    """The dtype that a NumPy function returns for vectors of one element: NumPy itself decides."""
    try:
        result = fun(*(np.ones(1, dtype) for dtype in dtypes), **options)
    except TypeError as error:
        raise InferError(str(error)) from None
    return str(np.asarray(result).dtype.name)


def reduced_dims(dims: Dims, axis: Any, keepdims: Any) -> Dims:
    """`reduced` for an axis as the user gave it."""
    try:
        return reduced(dims, axis, bool(keepdims))
    except TypeError:
        raise InferError(f"{type(axis).__name__!r} object is no axis") from None


def require_plain(call: OpCall) -> None:
    """Refuse the options that write into an array or leave elements out."""
    if call["out"] is not None:
        raise NotSupported("out= is not supported; assign the result instead")
    if call.static.get("where", True) is not True:
        raise NotSupported("where= is not supported; use np.where on the operand instead")


def infer_reduction(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """Inference for a reduction with the options `axis`, `dtype`, `keepdims`."""

    def infer(call: OpCall) -> Type:
        require_plain(call)
        (a,) = call.types
        options = {} if call["dtype"] is None else {"dtype": np.dtype(call["dtype"])}
        dtype = sampled_dtype(fun, (a.dtype,), **options)
        return with_dims(dtype, reduced_dims(a.dims, call["axis"], call["keepdims"]))

    return infer


def infer_variance(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """A reduction that may be given a mean, and the lost degrees of freedom twice."""

    def infer(call: OpCall) -> Type:
        if call["mean"] is not None:
            raise NotSupported("mean= is not supported; leave it out, it is computed")
        if call["correction"] is not None and call.static.get("ddof", 0) != 0:
            raise InferError("ddof and correction can't be provided simultaneously.")
        return infer_reduction(fun)(call)

    return infer


# ---- what the rules share


def lined_up(value: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
    """A value per result, with axes of length 1 where `a` was reduced."""
    if axis is None or keepdims:
        return value  # a number fits as it is
    axes = axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == a.ndim or len(axes) == 0:
        return value
    return np.expand_dims(value, axis)


def spread(value: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
    """A value per result, repeated for every element of `a` that went into it."""
    if a.ndim == 0 or axis == ():
        return value
    return np.broadcast_to(lined_up(value, a, axis, keepdims), a.shape)


def times(sizes: tuple[Any, ...]) -> Any:
    """The product of at least one size."""
    return sizes[0] if len(sizes) == 1 else sizes[0] * times(sizes[1:])


def count(a: Any, axis: Axis) -> Any:
    """How many elements go into one result."""
    if axis is None:
        return a.size
    axes = axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 0:
        return 1
    return times(tuple(a.shape[i] for i in axes))


def freedom(a: Any, axis: Axis, ddof: Any, correction: Any) -> Any:
    """What the sum of squares is divided by."""
    lost = ddof if correction is None else correction
    return count(a, axis) if surely(lost, 0) else count(a, axis) - lost


def shared(dy: Any, chosen: Any, a: Any, axis: Any, keepdims: Any, rivals: Any = None) -> Any:
    """The cotangent in equal parts on the chosen elements, exactly zero on all others.

    `rivals` counts what else takes a part.
    """
    ties = np.sum(chosen, axis=axis, dtype=count_dtype(a.dtype), keepdims=keepdims)
    share = dy / ties if rivals is None else dy / (ties + rivals)
    return np.where(chosen, lined_up(share, a, axis, keepdims), 0.0)


def mean_of(a_dot: Any, chosen: Any, a: Any, axis: Any, keepdims: Any, rivals: Any = None) -> Any:
    """The mean of the tangents of the chosen elements, those of all others left out exactly.

    `rivals` counts what else takes part, with tangents of zero.
    """
    ties = np.sum(chosen, axis=axis, dtype=count_dtype(a.dtype), keepdims=keepdims)
    total = np.sum(np.where(chosen, a_dot, 0.0), axis=axis, keepdims=keepdims)
    return total / ties if rivals is None else total / (ties + rivals)


# ---- sums and means

SUM_CASES = (
    "np.sum(A)",
    "np.sum(A, axis=0)",
    "np.sum(An, -1)",
    "np.sum(A, axis=1, keepdims=True)",
    "np.sum(A, keepdims=True)",
    "np.sum(T, axis=(0, -1))",
    "np.sum(T, axis=(2, 0), keepdims=True)",
    "np.sum(T, axis=(0, 1, 2))",
    "np.sum(A, axis=())",
    "np.sum(u, axis=0)",
    "np.sum(z)",
    "np.sum(x)",
    "np.sum(T, axis=1, initial=2.0)",
    "A.sum(axis=0)",
)

define(
    "np.sum(a, axis=None, dtype=None, out=None, keepdims=False, initial=None, where=True)",
    method=True,
    infer=infer_reduction(np.sum),
    cases=SUM_CASES,
)


@pullback("y = np.sum(a, axis)", wrt="a")
def sum_a(dy: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    return spread(dy, a, axis, keepdims)


define(
    "np.mean(a, axis=None, dtype=None, out=None, keepdims=False, where=True)",
    method=True,
    infer=infer_reduction(np.mean),
    cases=(
        *(case.replace("sum", "mean") for case in SUM_CASES if "initial" not in case),
        "np.mean(row, axis=0)",
    ),
)


@pullback("y = np.mean(a, axis)", wrt="a")
def mean_a(dy: Any, a: Any, axis: Any, keepdims: Any) -> Any:
    if a.ndim == 0 or axis == ():
        return dy
    n = count(a, axis)
    if at_least(n, 1):
        return spread(dy / n, a, axis, keepdims)
    if surely(n, 0):  # Python would raise for the mean of nothing
        return np.zeros(a.shape)
    return spread(np.where(n == 0, 0.0, dy / n), a, axis, keepdims)


@composite(
    np.average,
    cases=(
        "np.average(A, axis=1, weights=u, returned=True)",
        "np.average(u, returned=True)",
        "np.average(T, axis=(0, 1), weights=V.T[:2, :3])",
        "np.average(T, axis=(2, 0), weights=V[:, :2])",
        "np.average(A, axis=0, returned=True, keepdims=True)",
    ),
    complex_too=True,
)
def average(
    a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *, keepdims: Any = False
) -> Any:
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        return (mean, 0.0 * mean + count(a, axis)) if returned else mean
    if weights.ndim != a.ndim:
        if axis is None:
            raise TypeError("Axis must be specified when shapes of a and weights differ.")
        lined = beside(weights, axis, a.ndim)
    else:
        lined = weights
    weighted = a * lined
    total = np.sum(lined, axis=axis, keepdims=keepdims)
    if np.any(total == 0.0):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    mean = np.sum(weighted, axis=axis, keepdims=keepdims) / total
    return (mean, np.broadcast_to(total, mean.shape) + 0.0) if returned else mean


def beside(weights: Any, axis: Any, rank: Any) -> Any:
    """Weights along some axes of an array of this rank."""
    if not isinstance(axis, tuple):
        return np.reshape(weights, along_one(axis, rank))
    turned = np.transpose(weights, ascending(axis, rank))
    return np.expand_dims(turned, all_but(axis, rank))


@static_helper
def ascending(axis: Any, rank: int) -> tuple[int, ...]:
    """How axes that are given in any order are brought into theirs."""
    places = [i % rank for i in axis]
    return tuple(sorted(range(len(places)), key=places.__getitem__))


@static_helper
def all_but(axis: Any, rank: int) -> tuple[int, ...]:
    """The axes that are not among these."""
    places = {i % rank for i in axis}
    return tuple(i for i in range(rank) if i not in places)


@static_helper
def along_one(axis: int, rank: int) -> tuple[int, ...]:
    """The shape that lays a vector along one axis of an array of this rank.

    >>> along_one(-2, 3)
    (1, -1, 1)
    """
    return tuple(-1 if i == axis % rank else 1 for i in range(rank))


def conjugate(a: Any) -> Any:
    """The conjugate of complex numbers; real ones as they are."""
    return np.conj(a) if np.iscomplexobj(a) else a


# ---- variance and standard deviation

VAR_CASES = (
    "np.var(A)",
    "np.var(An, axis=0)",
    "np.var(A, -1, ddof=1)",
    "np.var(T, axis=(0, -1), keepdims=True)",
    "np.var(T, axis=(2, 1), ddof=1)",
    "np.var(u, correction=1)",
    "np.var(A, axis=1, keepdims=True, ddof=0.5)",
    "A.var(axis=0)",
)

for _name in ("var", "std"):
    define(
        f"np.{_name}(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, where=True,"
        " mean=None, correction=None)",
        method=True,
        infer=infer_variance(getattr(np, _name)),
        cases=tuple(case.replace("var", _name) for case in VAR_CASES),
    )


# Both divide arrays by n, not numbers: with n = 0 NumPy warns and gives nan, as the primal does,
# where Python would raise.


@pullback("y = np.var(a, axis)", wrt="a")
def var_a(dy: Any, a: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any) -> Any:
    n = freedom(a, axis, ddof, correction)
    deviation = conjugate(a - np.mean(a, axis=axis, keepdims=True))
    return 2 * deviation / n * lined_up(dy, a, axis, keepdims)


@pullback("y = np.std(a, axis)", wrt="a")
def std_a(dy: Any, a: Any, y: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any) -> Any:
    # Where all elements are equal y is 0 and so is the gradient. Elements that are equal but whose
    # computed mean is rounded (three times 0.1) have y of 1e-17 or so and no meaningful gradient.
    n = freedom(a, axis, ddof, correction)
    deviation = conjugate(a - np.mean(a, axis=axis, keepdims=True))
    nonzero = np.where(y == 0, 1.0, y)
    slope = deviation / lined_up(n * nonzero, a, axis, keepdims)
    return slope * lined_up(dy, a, axis, keepdims)


# ---- in forward mode

linear("sum", constants={"initial": None})
linear("mean")


@tangent("y = np.var(a, axis)", wrt="a")
def var_dot(a_dot: Any, a: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any) -> Any:
    n = freedom(a, axis, ddof, correction)
    deviation = conjugate(a - np.mean(a, axis=axis, keepdims=True))
    return 2 * np.sum(deviation * a_dot, axis=axis, keepdims=keepdims) / n


@tangent("y = np.std(a, axis)", wrt="a")
def std_dot(
    a_dot: Any, a: Any, y: Any, axis: Any, ddof: Any, correction: Any, keepdims: Any
) -> Any:
    n = freedom(a, axis, ddof, correction)
    deviation = conjugate(a - np.mean(a, axis=axis, keepdims=True))
    nonzero = np.where(y == 0, 1.0, y)
    return np.sum(deviation * a_dot, axis=axis, keepdims=keepdims) / (n * nonzero)


complex_too("sum", "mean", "var", "std")
