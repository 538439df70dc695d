"""Filters of `scipy.ndimage`: linear maps along axes, and correlations with an array of weights.

The slope of a filter along an axis is its matrix, which the filter itself makes of unit vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from scipy import ndimage

from ..ir.types import Type, is_inexact
from .language import refuse, static_helper
from .registry import NotSupported, OpCall, composite, define, linear, pullback
from .scipy_signal import through
from .shapes import normalized, with_dims

# ---- along one axis


def infer_filter(call: OpCall) -> Type:
    """The type of the input."""
    (x,) = call.types
    if not is_inexact(x):
        raise NotSupported("filters of integers round their result; convert the input first")
    if call.static.get("output") is not None:
        raise NotSupported("output is not supported")
    normalized(call["axis"], len(x.dims))
    return with_dims(x.dtype, x.dims)


define(
    "scipy.ndimage.gaussian_filter1d(input, sigma, axis=-1, order=0, output=None, mode='reflect', "
    "cval=0.0, truncate=4.0, radius=None)",
    static=("sigma",),
    infer=infer_filter,
    cases=(
        "scipy.ndimage.gaussian_filter1d(un, 0.8)",
        "scipy.ndimage.gaussian_filter1d(An, 1.0, axis=0, mode='wrap')",
        "scipy.ndimage.gaussian_filter1d(Tn, 0.7, 1, order=1, mode='mirror')",
        "scipy.ndimage.gaussian_filter1d(An, 0.6, mode='constant', cval=2.0)",
    ),
)
define(
    "scipy.ndimage.uniform_filter1d(input, size, axis=-1, output=None, mode='reflect', cval=0.0, "
    "origin=0)",
    static=("size",),
    infer=infer_filter,
    cases=(
        "scipy.ndimage.uniform_filter1d(un, 3)",
        "scipy.ndimage.uniform_filter1d(An, 2, axis=0, mode='nearest')",
        "scipy.ndimage.uniform_filter1d(Tn, 3, 1, mode='constant', cval=1.0)",
    ),
)


@pullback("y = scipy.ndimage.gaussian_filter1d(input, sigma)", wrt="input")
def gaussian_filter1d_input(
    dy: Any, sigma: Any, axis: Any, order: Any, mode: Any, truncate: Any, radius: Any
) -> Any:
    matrix = scipy.ndimage.gaussian_filter1d(
        np.eye(dy.shape[axis]),
        sigma,
        axis=0,
        order=order,
        mode=mode,
        truncate=truncate,
        radius=radius,
    )
    return through(matrix.T, dy, axis)


@pullback("y = scipy.ndimage.uniform_filter1d(input, size)", wrt="input")
def uniform_filter1d_input(dy: Any, size: Any, axis: Any, mode: Any, origin: Any) -> Any:
    matrix = scipy.ndimage.uniform_filter1d(
        np.eye(dy.shape[axis]), size, axis=0, mode=mode, origin=origin
    )
    return through(matrix.T, dy, axis)


linear(
    ("scipy.ndimage.gaussian_filter1d", "scipy.ndimage.uniform_filter1d"), constants={"cval": 0.0}
)


@static_helper
def each(value: Any, rank: int) -> tuple[Any, ...]:
    """An option for every axis."""
    return tuple(value) if isinstance(value, tuple | list) else (value,) * rank


@static_helper
def settings(rank: int, *options: Any) -> tuple[tuple[Any, ...], ...]:
    """The number of each axis, and what the options are for it."""
    return tuple(zip(range(rank), *(each(option, rank) for option in options), strict=True))


@composite(ndimage.gaussian_filter)
def gaussian_filter(
    input: Any,
    sigma: Any,
    order: Any = 0,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    truncate: Any = 4.0,
    *,
    radius: Any = None,
    axes: Any = None,
) -> Any:
    if output is not None or axes is not None:
        refuse("output and axes are not supported")
    y = input
    for axis, width, derivative, way, reach in settings(input.ndim, sigma, order, mode, radius):
        if width > 1e-15:
            y = scipy.ndimage.gaussian_filter1d(
                y,
                width,
                axis=axis,
                order=derivative,
                mode=way,
                cval=cval,
                truncate=truncate,
                radius=reach,
            )
    return y


@composite(ndimage.uniform_filter)
def uniform_filter(
    input: Any,
    size: Any = 3,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    *,
    axes: Any = None,
) -> Any:
    if output is not None or axes is not None:
        refuse("output and axes are not supported")
    y = input
    for axis, length, way, start in settings(input.ndim, size, mode, origin):
        if length > 1:
            y = scipy.ndimage.uniform_filter1d(
                y, length, axis=axis, mode=way, cval=cval, origin=start
            )
    return y


# ---- with weights


@static_helper
def only(value: Any, other: Any, axis: int, rank: int, others: Any = None) -> tuple[Any, ...]:
    """A value for one axis, and another (or its own) for each of the rest."""
    rest = others or (other,) * rank
    return tuple(value if i == axis % rank else rest[i] for i in range(rank))


def places(before: Any, n: Any, after: Any, mode: Any) -> Any:
    """Where the numbers around an axis, and on it, are taken from."""
    place = np.arange(-before, n + after)
    if mode == "nearest":
        return np.clip(place, 0, n - 1)
    if mode == "wrap" or mode == "grid-wrap":
        return place % n
    if mode == "reflect" or mode == "grid-mirror":
        place = place % (2 * n)
        return np.minimum(place, 2 * n - 1 - place)
    if mode == "mirror":
        place = place % np.maximum(2 * n - 2, 1)
        return np.minimum(place, 2 * n - 2 - place)
    return refuse("this mode is not supported")


def constants(x: Any, count: Any, axis: Any, cval: Any) -> Any:
    """So many constants along an axis, beside an array."""
    return np.full(only(count, None, axis, x.ndim, x.shape), cval, x.dtype)


def continued(x: Any, before: Any, after: Any, axis: Any, mode: Any, cval: Any) -> Any:
    """The array with numbers around it along an axis."""
    if mode == "constant" or mode == "grid-constant":
        parts = (constants(x, before, axis, cval), x, constants(x, after, axis, cval))
        return np.concatenate(parts, axis=axis)
    return np.take(x, places(before, x.shape[axis], after, mode), axis=axis)


def reached(x: Any, weights: Any, mode: Any, cval: Any, origin: Any) -> Any:
    """The correlation with weights of as many axes, at every place."""
    padded = x
    for axis, way, start in settings(x.ndim, mode, origin):
        before = weights.shape[axis] // 2 + start
        after = weights.shape[axis] - 1 - before
        padded = continued(padded, before, after, axis, way, cval)
    if x.ndim == 1:
        return np.correlate(padded, weights, "valid")
    return scipy.signal.correlate(padded, weights, mode="valid")


def turned_origin(size: Any, origin: Any) -> Any:
    """Where the middle of reversed weights lies."""
    return size % 2 - 1 - origin


@composite(ndimage.correlate)
def correlate(
    input: Any,
    weights: Any,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    *,
    axes: Any = None,
) -> Any:
    if output is not None or axes is not None:
        refuse("output and axes are not supported")
    return reached(input, weights, mode, cval, origin)


@composite(ndimage.convolve)
def convolve(
    input: Any,
    weights: Any,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
    *,
    axes: Any = None,
) -> Any:
    if output is not None or axes is not None:
        refuse("output and axes are not supported")
    origins = turned_origins(weights, settings(input.ndim, origin))
    return reached(input, np.flip(weights), mode, cval, origins)


def turned_origins(weights: Any, rest: Any) -> Any:
    """Where the middle of reversed weights lies on every axis."""
    if len(rest) == 0:
        return ()
    axis, origin = rest[0]
    return (turned_origin(weights.shape[axis], origin), *turned_origins(weights, rest[1:]))


@static_helper
def lying(size: Any, axis: int, rank: int) -> tuple[Any, ...]:
    """The shape of weights along one axis of many."""
    return tuple(size if i == axis % rank else 1 for i in range(rank))


@composite(ndimage.correlate1d)
def correlate1d(
    input: Any,
    weights: Any,
    axis: Any = -1,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
) -> Any:
    if output is not None:
        refuse("output is not supported")
    return reached(
        input,
        weights.reshape(lying(weights.shape[0], axis, input.ndim)),
        mode,
        cval,
        only(origin, 0, axis, input.ndim),
    )


@composite(ndimage.convolve1d)
def convolve1d(
    input: Any,
    weights: Any,
    axis: Any = -1,
    output: Any = None,
    mode: Any = "reflect",
    cval: Any = 0.0,
    origin: Any = 0,
) -> Any:
    moved = turned_origin(weights.shape[0], origin)
    return correlate1d(input, weights[::-1], axis, output, mode, cval, moved)


@static_helper
def others(axis: int, rank: int) -> tuple[int, ...]:
    """All axes but one."""
    return tuple(i for i in range(rank) if i != axis % rank)


@composite(ndimage.sobel)
def sobel(
    input: Any, axis: Any = -1, output: Any = None, mode: Any = "reflect", cval: Any = 0.0
) -> Any:
    y = correlate1d(input, np.array([-1.0, 0.0, 1.0]), axis, output, mode, cval)
    for other in others(axis, input.ndim):
        y = correlate1d(y, np.array([1.0, 2.0, 1.0]), other, output, mode, cval)
    return y


@composite(ndimage.prewitt)
def prewitt(
    input: Any, axis: Any = -1, output: Any = None, mode: Any = "reflect", cval: Any = 0.0
) -> Any:
    y = correlate1d(input, np.array([-1.0, 0.0, 1.0]), axis, output, mode, cval)
    for other in others(axis, input.ndim):
        y = correlate1d(y, np.array([1.0, 1.0, 1.0]), other, output, mode, cval)
    return y


@composite(ndimage.laplace)
def laplace(
    input: Any, output: Any = None, mode: Any = "reflect", cval: Any = 0.0, *, axes: Any = None
) -> Any:
    if axes is not None:
        refuse("axes is not supported")
    weights = np.array([1.0, -2.0, 1.0])
    y = correlate1d(input, weights, 0, output, mode, cval)
    for axis in others(0, input.ndim):
        y = y + correlate1d(input, weights, axis, output, mode, cval)
    return y
