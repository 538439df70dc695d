"""Evenly spaced numbers: arange, linspace, logspace, geomspace."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Scalar, Type, is_inexact
from .language import static_helper
from .registry import InferError, NotSupported, OpCall, define, linear, pullback, tangent
from .shapes import Dims, broadcast_dims, fresh_dim
from .sizes import as_dim, divided, dtype_name, position, weak_dtype

# ---- arange


def steps(start: Dim, stop: Dim, step: Dim) -> Dim:
    """How many numbers a range of integers has, where that is a linear expression."""
    if step.known == 0:
        raise InferError("Maximum allowed size exceeded")
    if start.known is not None and stop.known is not None and step.known is not None:
        return Dim(len(range(start.known, stop.known, step.known)))
    span = stop - start
    number = (
        None
        if step.known is None
        else divided(span if step.known > 0 else span * -1, abs(step.known))
    )
    return fresh_dim("m") if number is None else number


def infer_arange(call: OpCall) -> Type:
    """As many numbers as fit; how many is known only for integers."""
    bounds = call.types
    if not 1 <= len(bounds) <= 3:
        raise InferError("arange() requires stop to be specified.")
    if any(t.dims for t in bounds):
        raise InferError("only 0-dimensional arrays can be converted to Python scalars")
    floating = any(is_inexact(t) for t in bounds)
    dtype = dtype_name(call["dtype"], "float64" if floating else "int64")
    sizes = [t.dim if isinstance(t, Scalar) else None for t in bounds]
    known = [dim for dim in sizes if dim is not None]
    if floating or len(known) < len(sizes):
        return Array(dtype, (fresh_dim("m"),))
    start = known[0] if len(known) > 1 else Dim(0)
    stop = known[1] if len(known) > 1 else known[0]
    return Array(dtype, (steps(start, stop, known[2] if len(known) > 2 else Dim(1)),))


define(
    "np.arange(*bounds, dtype=None)",
    varargs=True,
    infer=infer_arange,
    cases=(
        "np.arange(4)", "np.arange(2, 7)", "np.arange(1, 8, 3)", "np.arange(5, 0, -2)",
        "np.arange(x, 5.0)", "np.arange(x, 9.0, y)", "np.arange(5.1)", "np.arange(3, dtype=float)",
        "np.arange(x, -3.0, -0.5)",
    ),
)  # fmt: skip


@static_helper
def single(dtype: Any) -> Any:
    """The dtype to ask for so that a result keeps it: None for double precision."""
    return None if dtype == np.float64 else dtype


@pullback("y = np.arange(*bounds)", wrt="bounds")
def arange_bounds(dy: Any, bounds: Any, k: Any) -> Any:
    # The end decides only how many numbers there are.
    if k == 0 and len(bounds) > 1:
        return np.sum(dy)
    if k == 2:
        return np.arange(dy.size, dtype=single(dy.dtype)) @ dy
    return 0.0


# ---- linspace, logspace, geomspace


def spaced(call: OpCall, dtype: str) -> Type:
    """`num` numbers along a new axis."""
    if call["retstep"]:
        raise NotSupported("retstep=True; compute the step as (stop - start) / (num - 1)")
    number = as_dim(call["num"])
    if number.known is not None and number.known < 0:
        raise InferError(f"Number of samples, {number}, must be non-negative.")
    dims: Dims = broadcast_dims([t.dims for t in call.types])
    axis = position(call["axis"], len(dims) + 1)
    return Array(dtype_name(call["dtype"], dtype), (*dims[:axis], number, *dims[axis:]))


def floating(call: OpCall) -> str:
    """The dtype of the ends, floating point at least."""
    return weak_dtype([*call.types, Scalar("float64", weak=True)])


def infer_linspace(call: OpCall) -> Type:
    """Numbers in the dtype of the ends, floating point at least."""
    return spaced(call, floating(call))


def infer_geomspace(call: OpCall) -> Type:
    """Always double precision, unless a dtype is given."""
    return spaced(call, "float64")


define(
    "np.linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0)",
    infer=infer_linspace,
    cases=(
        "np.linspace(x, y, 5)", "np.linspace(x, y, 4, endpoint=False)", "np.linspace(u, v, 3)",
        "np.linspace(x, u, 3, axis=-1)", "np.linspace(A, row, 3, axis=1)", "np.linspace(x, y, 1)",
        "np.linspace(0, 1, 3)", "np.linspace(x, 2, num=3)", "np.linspace(z, col, 3)",
        "np.linspace(x, y)",
    ),
)  # fmt: skip
define(
    "np.logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0)",
    infer=infer_linspace,
    cases=(
        "np.logspace(x, y, 4)", "np.logspace(x, y, 4, base=2.0)", "np.logspace(u, y, 3)",
        "np.logspace(x, y, 3, endpoint=False)", "np.logspace(u, v, 3, axis=1)",
    ),
)  # fmt: skip
define(
    "np.geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0)",
    infer=infer_geomspace,
    cases=(
        "np.geomspace(x, y, 4)", "np.geomspace(x, y, 3, endpoint=False)", "np.geomspace(u, v, 3)",
        "np.geomspace(A, x, 3, axis=1)", "np.geomspace(-1.5, -y, 3)",
    ),
)  # fmt: skip


def weighted(dy: Any, axis: Any, weights: Any) -> Any:
    """The sum along an axis, each place with its weight."""
    if axis == 0 and dy.ndim < 3:
        return weights @ dy
    if axis == -1 or axis == dy.ndim - 1:
        return dy @ weights
    return np.moveaxis(dy, axis, -1) @ weights


def falling(d: Any, num: Any, endpoint: Any) -> Any:
    """The share of the start in each number: 1 to 0."""
    return np.linspace(1.0, 0.0, num, endpoint, dtype=single(d.dtype))


def rising(d: Any, num: Any, endpoint: Any) -> Any:
    """The share of the stop in each number: 0 to 1."""
    return np.linspace(0.0, 1.0, num, endpoint, dtype=single(d.dtype))


@pullback("y = np.linspace(start, stop, num, endpoint, axis=axis)", wrt="start")
def linspace_start(dy: Any, num: Any, endpoint: Any, axis: Any) -> Any:
    return weighted(dy, axis, falling(dy, num, endpoint))


@pullback("y = np.linspace(start, stop, num, endpoint, axis=axis)", wrt="stop")
def linspace_stop(dy: Any, num: Any, endpoint: Any, axis: Any) -> Any:
    return weighted(dy, axis, rising(dy, num, endpoint))


@pullback("y = np.logspace(start, stop, num, endpoint, base, axis=axis)", wrt="start")
def logspace_start(dy: Any, y: Any, num: Any, endpoint: Any, base: Any, axis: Any) -> Any:
    return math.log(base) * weighted(y * dy, axis, falling(dy, num, endpoint))


@pullback("y = np.logspace(start, stop, num, endpoint, base, axis=axis)", wrt="stop")
def logspace_stop(dy: Any, y: Any, num: Any, endpoint: Any, base: Any, axis: Any) -> Any:
    return math.log(base) * weighted(y * dy, axis, rising(dy, num, endpoint))


@pullback("y = np.geomspace(start, stop, num, endpoint, axis=axis)", wrt="start")
def geomspace_start(dy: Any, y: Any, start: Any, num: Any, endpoint: Any, axis: Any) -> Any:
    return weighted(y * dy, axis, falling(dy, num, endpoint)) / start


@pullback("y = np.geomspace(start, stop, num, endpoint, axis=axis)", wrt="stop")
def geomspace_stop(dy: Any, y: Any, stop: Any, num: Any, endpoint: Any, axis: Any) -> Any:
    return weighted(y * dy, axis, rising(dy, num, endpoint)) / stop


# ---- in forward mode


@tangent("y = np.arange(*bounds)", wrt="bounds")
def arange_dot(bounds_dot: Any, y: Any, bounds: Any, k: Any) -> Any:
    if k == 0 and len(bounds) > 1:
        return bounds_dot
    if k == 2:
        return np.arange(y.size, dtype=single(y.dtype)) * bounds_dot
    return 0.0 * bounds_dot


linear("linspace", together=True)


# The logarithms of the numbers are evenly spaced, and so are their tangents.


@tangent("y = np.logspace(start, stop, num, endpoint, base, axis=axis)", wrt="start")
def logspace_start_dot(
    start_dot: Any, y: Any, stop: Any, num: Any, endpoint: Any, base: Any, axis: Any
) -> Any:
    return math.log(base) * y * np.linspace(start_dot, 0.0 * stop, num, endpoint, axis=axis)


@tangent("y = np.logspace(start, stop, num, endpoint, base, axis=axis)", wrt="stop")
def logspace_stop_dot(
    stop_dot: Any, y: Any, start: Any, num: Any, endpoint: Any, base: Any, axis: Any
) -> Any:
    return math.log(base) * y * np.linspace(0.0 * start, stop_dot, num, endpoint, axis=axis)


@tangent("y = np.geomspace(start, stop, num, endpoint, axis=axis)", wrt="start")
def geomspace_start_dot(
    start_dot: Any, y: Any, start: Any, stop: Any, num: Any, endpoint: Any, axis: Any
) -> Any:
    return y * np.linspace(start_dot / start, 0.0 * stop, num, endpoint, axis=axis)


@tangent("y = np.geomspace(start, stop, num, endpoint, axis=axis)", wrt="stop")
def geomspace_stop_dot(
    stop_dot: Any, y: Any, start: Any, stop: Any, num: Any, endpoint: Any, axis: Any
) -> Any:
    return y * np.linspace(0.0 * start, stop_dot / stop, num, endpoint, axis=axis)
