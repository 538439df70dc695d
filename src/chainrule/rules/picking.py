"""Elements picked by conditions and numbers, partial orders, running maxima."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import Array, Type
from .gathering import along_axis
from .language import refuse, static_helper
from .reductions import along_one, times
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    composite,
    define,
    no_derivative,
    pullback,
    scattered,
    tangent,
)
from .shapes import broadcast_dims, promoted, with_dims
from .sizes import before, count, position, weak_dtype

# ---- choose


def infer_choose(call: OpCall) -> Type:
    """All broadcast; the choices have one dtype."""
    a, *choices = call.types
    if np.dtype(a.dtype).kind not in "iub":
        raise InferError("Cannot cast array data to int64")
    if not choices:
        raise InferError("invalid number of choices")
    if call.static.get("mode", "raise") != "raise":
        raise NotSupported("mode= is not supported; take the numbers modulo, or clip them")
    if call["out"] is not None:
        raise NotSupported("out= is not supported; assign the result instead")
    return with_dims(weak_dtype(choices), broadcast_dims([t.dims for t in call.types]))


no_derivative(
    define(
        "np.choose(a, *choices, out=None, mode='raise')",
        infer=infer_choose,
        cases=(
            "np.choose(k, [u, v, un])",
            "np.choose(k % 2, (A, An))",
            "np.choose(mask, [A, x])",
            "np.choose([1, 0, 1], [w, wn])",
        ),
    ),
    "a",
    because="it selects",
)


@pullback("y = np.choose(a, choices)", wrt="choices")
def choose_choices(dy: Any, a: Any, k: Any) -> Any:
    return np.where(a == k, dy, 0.0)


@tangent("y = np.choose(a, choices)", wrt="choices")
def choose_dot(choices_dot: Any, a: Any, y: Any, k: Any) -> Any:
    return np.where(a == k, choices_dot, np.zeros_like(y))


@composite(
    np.compress,
    cases=(
        "np.compress(mask[0], A, axis=1)",
        "np.compress(u > 1, u)",
        "np.compress(un > 0, un, axis=0)",
    ),
    complex_too=True,
)
def compress(condition: Any, a: Any, axis: Any = None) -> Any:
    condition = np.asarray(condition)
    if axis is None:
        return np.ravel(a)[condition] if a.ndim != 1 else a[condition]
    return a[(*before(axis, a.ndim), condition)]


@composite(np.extract, cases=("np.extract(mask, A)", "np.extract(u > 1, u)"), complex_too=True)
def extract(condition: Any, arr: Any) -> Any:
    return np.ravel(arr)[np.ravel(condition)]


@composite(
    np.resize,
    cases=("np.resize(u, 7)", "np.resize(A, (5, 3))", "np.resize(u, (2, 2))"),
    complex_too=True,
)
def resize(a: Any, new_shape: Any) -> Any:
    shape = tuple(new_shape) if np.ndim(new_shape) else (new_shape,)
    flat = np.ravel(a)
    return np.reshape(flat[np.arange(times(shape)) % flat.size], shape)


@composite(np.trim_zeros, cases=("np.trim_zeros(np.array([0.0, x, 0.0, y, 0.0]))",))
def trim_zeros(filt: Any, trim: Any = "fb") -> Any:
    filled = filt != 0
    first = np.argmax(filled) if "f" in trim.lower() else 0
    rest = np.argmax(filled[::-1]) if "b" in trim.lower() else 0
    if not np.any(filled):
        raise NotImplementedError("np.trim_zeros of zeros only")
    return filt[first : filt.size - rest]


# ---- partial orders


def infer_partition(call: OpCall) -> Type:
    """The operand as an array; without an axis all elements as a vector."""
    (a,) = call.types
    if call["order"] is not None:
        raise NotSupported("order= is for structured arrays")
    axis = call.static.get("axis", -1)
    if axis is None:
        return Array(a.dtype, (count(a.dims),))
    position(axis, len(a.dims))
    return Array(a.dtype, a.dims)


define(
    "np.partition(a, kth, axis=-1, kind='introselect', order=None)",
    static=("kth",),
    infer=infer_partition,
    cases=(
        "np.partition(un, 2)",
        "np.partition(An, 1)",
        "np.partition(An, 1, axis=0)",
        "np.partition(Tn, (0, 1), axis=1)",
        "np.partition(An, 5, axis=None)",
    ),
)


def place_in(y: Any, a: Any, axis: int) -> Any:
    """Where in `y`, which has the same elements as `a`, each element of `a` is."""
    rank = np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)
    order = np.argsort(y, axis=axis, kind="stable")
    return order[rank] if a.ndim == 1 else order[along_axis(rank, order.shape, axis)]


@pullback("y = np.partition(a, kth, axis)", wrt="a")
def partition_a(dy: Any, a: Any, y: Any, axis: Any) -> Any:
    if axis is None:
        return np.reshape(dy[place_in(y, np.ravel(a), 0)], a.shape)
    place = place_in(y, a, axis)
    return dy[place] if a.ndim == 1 else dy[along_axis(place, dy.shape, axis)]


@tangent("y = np.partition(a, kth, axis)", wrt="a")
def partition_dot(a_dot: Any, a: Any, y: Any, axis: Any) -> Any:
    if axis is None:
        return np.ravel(a_dot)[place_in(np.ravel(a), y, 0)]
    place = place_in(a, y, axis)
    return a_dot[place] if a.ndim == 1 else a_dot[along_axis(place, a_dot.shape, axis)]


# ---- running maxima and minima


def infer_running(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """The operand as an array."""

    def infer(call: OpCall) -> Type:
        (a,) = call.types
        if call["out"] is not None or call["dtype"] is not None:
            raise NotSupported("out= and dtype= are not supported here")
        position(call.static.get("axis", 0), len(a.dims))
        return Array(promoted(fun, (a, a)), a.dims)

    return infer


RUNNING_CASES = ("(un)", "(An)", "(An, axis=1)", "(Tn, -2)")

for _name in ("maximum", "minimum"):
    define(
        f"np.{_name}.accumulate(array, axis=0, dtype=None, out=None)",
        infer=infer_running(getattr(np, _name)),
        cases=tuple(f"np.{_name}.accumulate{case}" for case in RUNNING_CASES),
    )


def source_of(y: Any, array: Any, axis: int) -> Any:
    """Where along the axis each running extreme was met last."""
    positions = np.reshape(np.arange(array.shape[axis]), along_one(axis, array.ndim))
    return np.maximum.accumulate(np.where(array == y, positions, 0), axis=axis)


@pullback("y = np.maximum.accumulate(array, axis)", wrt="array", name="maximum.accumulate")
def maximum_accumulate_array(dy: Any, array: Any, y: Any, axis: Any) -> Any:
    return scattered(array, along_axis(source_of(y, array, axis), array.shape, axis), dy)


@pullback("y = np.minimum.accumulate(array, axis)", wrt="array", name="minimum.accumulate")
def minimum_accumulate_array(dy: Any, array: Any, y: Any, axis: Any) -> Any:
    return scattered(array, along_axis(source_of(y, array, axis), array.shape, axis), dy)


@tangent("y = np.maximum.accumulate(array, axis)", wrt="array", name="maximum.accumulate")
def maximum_accumulate_dot(array_dot: Any, array: Any, y: Any, axis: Any) -> Any:
    return array_dot[along_axis(source_of(y, array, axis), array.shape, axis)]


@tangent("y = np.minimum.accumulate(array, axis)", wrt="array", name="minimum.accumulate")
def minimum_accumulate_dot(array_dot: Any, array: Any, y: Any, axis: Any) -> Any:
    return array_dot[along_axis(source_of(y, array, axis), array.shape, axis)]


@composite(
    np.cumulative_sum,
    cases=("np.cumulative_sum(u)", "np.cumulative_sum(A, axis=1, include_initial=True)"),
    complex_too=True,
)
def cumulative_sum(
    x: Any, /, *, axis: Any = None, dtype: Any = None, include_initial: Any = False
) -> Any:
    axis = 0 if axis is None else axis
    total = np.cumsum(x, axis=axis, dtype=dtype)
    if not include_initial:
        return total
    return np.concatenate((np.zeros_like(np.take(total, [0], axis)), total), axis=axis)


@composite(
    np.cumulative_prod,
    cases=("np.cumulative_prod(u)", "np.cumulative_prod(A, axis=1, include_initial=True)"),
    complex_too=True,
)
def cumulative_prod(
    x: Any, /, *, axis: Any = None, dtype: Any = None, include_initial: Any = False
) -> Any:
    axis = 0 if axis is None else axis
    total = np.cumprod(x, axis=axis, dtype=dtype)
    if not include_initial:
        return total
    return np.concatenate((np.ones_like(np.take(total, [0], axis)), total), axis=axis)


# ---- windows on a vector


@composite(
    np.lib.stride_tricks.sliding_window_view,
    cases=(
        "np.lib.stride_tricks.sliding_window_view(un, 2)",
        "np.sum(np.lib.stride_tricks.sliding_window_view(un, 3), axis=1)",
        "np.lib.stride_tricks.sliding_window_view(An, 2, axis=1)",
    ),
    complex_too=True,
)
def sliding_window_view(
    x: Any, window_shape: Any, axis: Any = None, *, subok: Any = False, writeable: Any = False
) -> Any:
    if axis is None and x.ndim > 1:
        return refuse("sliding_window_view over several axes: name one axis")
    if isinstance(window_shape, tuple):
        return sliding_window_view(x, window_shape[0], axis)
    axis = 0 if axis is None else axis
    if x.shape[axis] < window_shape:
        raise ValueError("window shape cannot be larger than input array shape")
    starts = np.arange(x.shape[axis] - window_shape + 1)
    windows = starts[:, None] + np.arange(window_shape)
    return np.moveaxis(np.take(x, windows, axis), after(axis, x.ndim), -1)


@static_helper
def after(axis: int, rank: int) -> int:
    """The place behind an axis."""
    return axis % rank + 1
