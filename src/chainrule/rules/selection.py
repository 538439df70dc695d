"""Operations that pick one of their operands: maximum, clip, where, select, nan_to_num.

The cotangent goes where the value came from, by selection and not by a factor, so that an infinite
cotangent never meets a zero. Ties share equally.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.types import Array, Scalar, Type
from .arithmetic import ANY
from .registry import (
    InferError,
    Interval,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    no_derivative,
    pullback,
)
from .shapes import broadcast_dims, elementwise, with_dims


def common_dtype(types: Sequence[Type]) -> str:
    """The dtype that all types promote to, Python numbers counting as weak."""
    parts = [
        np.zeros((), t.dtype).item() if isinstance(t, Scalar) and t.weak else np.dtype(t.dtype)
        for t in types
    ]
    return str(np.result_type(*parts).name)


# -- maximum and minimum ---------------------------------------------------------------------------

elementwise("np.maximum(a, b)", sample=ANY)
elementwise("np.minimum(a, b)", sample=ANY)
elementwise("np.fmax(a, b)", sample=ANY)
elementwise("np.fmin(a, b)", sample=ANY)


def share(dc: Any, wins: Any, ties: Any) -> Any:
    """The cotangent where the operand wins, half of it where it ties."""
    return np.where(wins, dc, np.where(ties, 0.5 * dc, 0.0))


@pullback("c = np.maximum(a, b)", wrt="a")
def maximum_a(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, a > b, a == b)


@pullback("c = np.maximum(a, b)", wrt="b")
def maximum_b(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, b > a, a == b)


@pullback("c = np.minimum(a, b)", wrt="a")
def minimum_a(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, a < b, a == b)


@pullback("c = np.minimum(a, b)", wrt="b")
def minimum_b(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, b < a, a == b)


# For fmax and fmin a NaN loses against a number.


@pullback("c = np.fmax(a, b)", wrt="a")
def fmax_a(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, (a > b) | np.isnan(b), a == b)


@pullback("c = np.fmax(a, b)", wrt="b")
def fmax_b(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, (b > a) | np.isnan(a), a == b)


@pullback("c = np.fmin(a, b)", wrt="a")
def fmin_a(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, (a < b) | np.isnan(b), a == b)


@pullback("c = np.fmin(a, b)", wrt="b")
def fmin_b(dc: Any, a: Any, b: Any) -> Any:
    return share(dc, (b < a) | np.isnan(a), a == b)


# -- clip ------------------------------------------------------------------------------------------


def infer_clip(call: OpCall) -> Type:
    """The common dtype in the common shape; only the bounds may be weak."""
    a, *bounds = call.types
    dtype = common_dtype([Array(a.dtype, a.dims), *bounds])
    return with_dims(dtype, broadcast_dims([t.dims for t in call.types]))


define(
    "np.clip(a, a_min, a_max)",
    infer=infer_clip,
    elementwise=True,
    method=True,
    sample=ANY,
    cases=(
        "np.clip(An, -1.0, 1.0)", "np.clip(An, A - 1.5, A)", "np.clip(x, 0.0, y)",
        "np.clip(un, -1, u)", "np.clip(An, row - 2, col)", "un.clip(-1.0, 1.0)", "z.clip(x, y)",
    ),
)  # fmt: skip


@composite(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    lower = a_min if min is None else min
    upper = a_max if max is None else max
    if lower is None:
        if upper is None:
            return +a
        return np.minimum(a, upper)
    if upper is None:
        return np.maximum(a, lower)
    return np.clip(a, lower, upper)


@pullback("y = np.clip(a, a_min, a_max)", wrt="a")
def clip_a(dy: Any, a: Any, a_min: Any, a_max: Any) -> Any:
    return share(dy, (a > a_min) & (a < a_max), (a >= a_min) & (a <= a_max))


@pullback("y = np.clip(a, a_min, a_max)", wrt="a_min")
def clip_a_min(dy: Any, a: Any, a_min: Any, a_max: Any) -> Any:
    # at a tie of all three, `a` takes a half and the bounds a quarter each
    tied = np.where(a == a_max, 0.25 * dy, 0.5 * dy)
    wins = (a < a_min) & (a_min < a_max)
    return np.where(wins, dy, np.where((a <= a_min) & (a_min <= a_max), tied, 0.0))


@pullback("y = np.clip(a, a_min, a_max)", wrt="a_max")
def clip_a_max(dy: Any, a: Any, a_min: Any, a_max: Any) -> Any:
    tied = np.where((a == a_min) & (a == a_max), 0.25 * dy, 0.5 * dy)
    wins = (a > a_max) | (a_min > a_max)
    return np.where(wins, dy, np.where((a == a_max) | (a_min == a_max), tied, 0.0))


# -- where and select ------------------------------------------------------------------------------


def infer_where(call: OpCall) -> Type:
    """An array, of rank 0 too; as a conditional expression a scalar."""
    _, x, y = call.types
    dtype = common_dtype((x, y))
    if call.via:
        return Array(dtype, broadcast_dims([t.dims for t in call.types]))
    if not all(isinstance(t, Scalar) for t in call.types):
        raise InferError("a conditional expression stands for np.where of scalars only")
    return Scalar(dtype, weak=all(isinstance(t, Scalar) and t.weak for t in (x, y)))


no_derivative(
    define(
        "np.where(condition, x, y)",
        "x if condition else y",
        infer=infer_where,
        elementwise=True,
        sample=(Interval(0, 1, ints=True), ANY, ANY),
        cases=(
            "np.where(mask, A, An)", "np.where(un > 0, un, x)", "np.where(An > row, col, An)",
            "np.where(x > y, x, y)", "np.where(mask, 0, An)", "np.where(k, u, v)",
        ),
    ),
    "condition",
    because="it selects",
)  # fmt: skip


@pullback("z = np.where(condition, x, y)", wrt="x")
def where_x(dz: Any, condition: Any) -> Any:
    return np.where(condition, dz, 0.0)


@pullback("z = np.where(condition, x, y)", wrt="y")
def where_y(dz: Any, condition: Any) -> Any:
    return np.where(condition, 0.0, dz)


complex_too("where")


@composite(np.select, complex_too=True)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    if len(condlist) == 0:
        return default
    return np.where(condlist[0], choicelist[0], select(condlist[1:], choicelist[1:], default))


# -- values that are replaced at points ------------------------------------------------------------

no_derivative(
    elementwise("np.heaviside(a, b)", sample=ANY, probe=(0.0,)), "a", because="it is a step"
)


@pullback("c = np.heaviside(a, b)", wrt="b")
def heaviside_b(dc: Any, a: Any) -> Any:
    return np.where(a == 0, dc, 0.0)


def infer_nan_to_num(call: OpCall) -> Type:
    """The operand's own dtype and shape."""
    (x,) = call.types
    if not call["copy"]:
        raise NotSupported("copy=False writes into its argument; leave it out")
    return with_dims(x.dtype, x.dims)


define(
    "np.nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None)",
    infer=infer_nan_to_num,
    elementwise=True,
    sample=ANY,
    cases=("np.nan_to_num(An)", "np.nan_to_num(x, nan=1.0)", "np.nan_to_num(un, posinf=9.0)"),
)


@pullback("y = np.nan_to_num(x)", wrt="x")
def nan_to_num_x(dy: Any, x: Any) -> Any:
    return np.where(np.isfinite(x), dy, 0.0)
