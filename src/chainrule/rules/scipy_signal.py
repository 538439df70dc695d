"""Convolution and filters of `scipy.signal`.

For arrays of several axes there are two operations, the full convolution and the correlation where the
second array fits into the first; each is the slope of the other, and the rest is cut out of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.signal
from scipy import signal

from ..ir.types import Type
from .language import refuse
from .registry import InferError, NotSupported, OpCall, composite, define, linear, pullback, tangent
from .shapes import normalized, with_dims

# ---- convolution


def floating(*types: Type) -> str:
    """The common precision of arrays of floats."""
    dtype = np.result_type(*(np.dtype(t.dtype) for t in types))
    if dtype.kind != "f":
        raise NotSupported("one of the arrays has to be of floating-point numbers")
    return str(dtype.name)


def infer_overlap(call: OpCall) -> Type:
    """Axes as long as both together, or as there are places for the second array in the first."""
    a, b = call.types
    if len(a.dims) != len(b.dims) or not a.dims:
        raise InferError("in1 and in2 should have the same dimensionality")
    if call["method"] != "auto":
        raise NotSupported("the method is chosen by SciPy; leave it out")
    valid = call["mode"] == "valid"
    if call["mode"] not in ("full", "valid"):
        raise NotSupported("other modes are cut out of the full one")
    pairs = zip(a.dims, b.dims, strict=True)
    return with_dims(floating(a, b), tuple(m - n + 1 if valid else m + n - 1 for m, n in pairs))


define(
    "scipy.signal.convolve(in1, in2, mode='full', method='auto')",
    infer=infer_overlap,
    cases=("scipy.signal.convolve(A, C)", "scipy.signal.convolve(An, S)"),
)
define(
    "scipy.signal.correlate(in1, in2, mode='full', method='auto')",
    infer=infer_overlap,
    cases=(
        "scipy.signal.correlate(S, An, mode='valid')",
        "scipy.signal.correlate(C, V, 'valid')",
    ),
)


def turned(a: Any) -> Any:
    """The array with every axis reversed."""
    return a[::-1] if a.ndim == 1 else np.flip(a)


@pullback("y = scipy.signal.convolve(in1, in2, mode)", wrt="in1")
def convolve_in1(dy: Any, in2: Any) -> Any:
    return scipy.signal.correlate(dy, in2, mode="valid")


@pullback("y = scipy.signal.convolve(in1, in2, mode)", wrt="in2")
def convolve_in2(dy: Any, in1: Any) -> Any:
    return scipy.signal.correlate(dy, in1, mode="valid")


@pullback("y = scipy.signal.correlate(in1, in2, mode)", wrt="in1")
def correlate_in1(dy: Any, in1: Any, in2: Any, mode: Any) -> Any:
    if mode == "full":
        refuse("the full correlation is a convolution here")
    return scipy.signal.convolve(dy, in2).reshape(in1.shape)  # not so where in2 is the larger one


@pullback("y = scipy.signal.correlate(in1, in2, mode)", wrt="in2")
def correlate_in2(dy: Any, in1: Any, in2: Any) -> Any:
    return scipy.signal.correlate(in1, dy, mode="valid").reshape(in2.shape)


linear(("scipy.signal.convolve", "scipy.signal.correlate"))


def centred(full: Any, a: Any, b: Any) -> Any:
    """The part of a full convolution that is as long as the first array."""
    if a.ndim == 1:
        start = (b.shape[0] - 1) // 2
        return full[start : start + a.shape[0]]
    if a.ndim == 2:
        top, left = (b.shape[0] - 1) // 2, (b.shape[1] - 1) // 2
        return full[top : top + a.shape[0], left : left + a.shape[1]]
    return refuse("mode='same' is supported for vectors and matrices")


def overlap(a: Any, b: Any, mode: Any) -> Any:
    """The convolution in any mode."""
    if mode == "full":
        return np.convolve(a, b) if a.ndim == 1 else scipy.signal.convolve(a, b)
    if mode == "same":
        return centred(overlap(a, b, "full"), a, b)
    if mode == "valid":
        if a.ndim == 1:
            return np.convolve(a, b, "valid")
        return scipy.signal.correlate(a, turned(b), mode="valid")
    return refuse("mode has to be 'full', 'same' or 'valid'")


@composite(signal.convolve)
def convolve(in1: Any, in2: Any, mode: Any = "full", method: Any = "auto") -> Any:
    return overlap(in1, in2, mode)


@composite(signal.fftconvolve, signal.oaconvolve)
def fftconvolve(in1: Any, in2: Any, mode: Any = "full", axes: Any = None) -> Any:
    if axes is not None:
        refuse("axes is not supported")
    return overlap(in1, in2, mode)


def zeros_around(boundary: Any, fillvalue: Any) -> Any:
    """Refuse other boundaries than zeros."""
    if boundary != "fill" or fillvalue != 0:
        refuse("only boundary='fill' with fillvalue=0 is supported; pad the array before")


@composite(signal.convolve2d)
def convolve2d(
    in1: Any, in2: Any, mode: Any = "full", boundary: Any = "fill", fillvalue: Any = 0
) -> Any:
    zeros_around(boundary, fillvalue)
    return overlap(in1, in2, mode)


@composite(signal.correlate)
def correlate(in1: Any, in2: Any, mode: Any = "full", method: Any = "auto") -> Any:
    if in1.ndim == 1:
        if mode == "same":
            return centred(np.correlate(in1, in2, "full"), in1, in2)
        return np.correlate(in1, in2, mode)
    if mode == "valid":
        return scipy.signal.correlate(in1, in2, mode="valid")
    return overlap(in1, turned(in2), mode)


@composite(signal.correlate2d)
def correlate2d(
    in1: Any, in2: Any, mode: Any = "full", boundary: Any = "fill", fillvalue: Any = 0
) -> Any:
    zeros_around(boundary, fillvalue)
    return correlate(in1, in2, mode)


# ---- filters


def infer_lfilter(call: OpCall) -> Type:
    """The shape of the samples."""
    b, a, x = call.types
    if len(b.dims) > 1 or len(a.dims) > 1:
        raise InferError("object of too small depth for desired array")
    if call["zi"] is not None:
        raise NotSupported("zi is not supported")
    if not x.dims:
        raise InferError("x must be at least 1-D")
    normalized(call["axis"], len(x.dims))
    return with_dims(floating(b, a, x), x.dims)


define(
    "scipy.signal.lfilter(b, a, x, axis=-1, zi=None)",
    infer=infer_lfilter,
    cases=(
        "scipy.signal.lfilter(w, v, un)",
        "scipy.signal.lfilter(u, w + 1, un)",
        "scipy.signal.lfilter(w[:1], w, v)",
    ),
)


def reversed_along(x: Any, axis: Any) -> Any:
    """The samples from the last to the first."""
    return x[::-1] if x.ndim == 1 else np.flip(x, axis)


def by_lag(dy: Any, past: Any, count: Any) -> Any:
    """What each coefficient gets: the products with the samples so many steps before."""
    if dy.ndim != 1:
        refuse("the derivative by the coefficients of a filter is supported for vectors")
    later = np.concatenate((dy, np.zeros(count - 1, dy.dtype)))
    return np.correlate(later, past, "valid")


@pullback("y = scipy.signal.lfilter(b, a, x)", wrt="x")
def lfilter_x(dy: Any, b: Any, a: Any, axis: Any) -> Any:
    turned_dy = reversed_along(dy, axis)
    return reversed_along(scipy.signal.lfilter(b, a, turned_dy, axis=axis), axis)


@pullback("y = scipy.signal.lfilter(b, a, x)", wrt="b")
def lfilter_b(dy: Any, b: Any, a: Any, x: Any) -> Any:
    return by_lag(dy, scipy.signal.lfilter(np.ones(1), a, x), b.size)


@pullback("y = scipy.signal.lfilter(b, a, x)", wrt="a")
def lfilter_a(dy: Any, a: Any, y: Any) -> Any:
    return -by_lag(dy, scipy.signal.lfilter(np.ones(1), a, y), a.size)


linear("scipy.signal.lfilter", "b", "x")


@tangent("y = scipy.signal.lfilter(b, a, x)", wrt="a")
def lfilter_a_dot(a_dot: Any, a: Any, y: Any, axis: Any) -> Any:
    moved = scipy.signal.lfilter(a_dot, np.ones(1), y, axis=axis)
    return -scipy.signal.lfilter(np.ones(1), a, moved, axis=axis)


def infer_savgol(call: OpCall) -> Type:
    """The shape of the samples, in double precision unless they are single."""
    (x,) = call.types
    normalized(call["axis"], len(x.dims))
    return with_dims(x.dtype if x.dtype in ("float32", "float64") else "float64", x.dims)


define(
    "scipy.signal.savgol_filter(x, window_length, polyorder, deriv=0, delta=1.0, axis=-1, "
    "mode='interp', cval=0.0)",
    static=("window_length", "polyorder"),
    infer=infer_savgol,
    cases=(
        "scipy.signal.savgol_filter(un, 3, 1)",
        "scipy.signal.savgol_filter(An, 3, 2, axis=0, mode='nearest')",
        "scipy.signal.savgol_filter(Tn, 3, 1, deriv=1, mode='mirror')",
    ),
)


def through(matrix: Any, y: Any, axis: Any) -> Any:
    """The matrix applied along an axis."""
    if y.ndim == 1:
        return matrix @ y
    return np.moveaxis(np.moveaxis(y, axis, -1) @ matrix.T, -1, axis)


@pullback("y = scipy.signal.savgol_filter(x, window_length, polyorder)", wrt="x")
def savgol_filter_x(
    dy: Any, window_length: Any, polyorder: Any, deriv: Any, delta: Any, axis: Any, mode: Any
) -> Any:
    matrix = scipy.signal.savgol_filter(
        np.eye(dy.shape[axis]),
        window_length,
        polyorder,
        deriv=deriv,
        delta=delta,
        axis=0,
        mode=mode,
    )
    return through(matrix.T, dy, axis)


linear("scipy.signal.savgol_filter", "x", constants={"cval": 0.0})


@composite(signal.detrend)
def detrend(
    data: Any, axis: Any = -1, type: Any = "linear", bp: Any = 0, overwrite_data: Any = False
) -> Any:
    if type == "constant":
        return data - np.mean(data, axis=axis, keepdims=True)
    if type != "linear" or data.ndim != 1:
        refuse("detrend is supported for vectors, or with type='constant'")
    t = np.arange(data.shape[0]) - (data.shape[0] - 1) / 2
    slope = np.sum(t * data) / np.sum(t * t)
    return data - np.mean(data) - slope * t
