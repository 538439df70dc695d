"""Sequences of samples: convolution, interpolation, integrals, phases."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Scalar, Type
from .linalg import joined_dtype
from .reductions import along_one, conjugate
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    linear,
    no_derivative,
    pullback,
    scattered,
    tangent,
)
from .shapes import fresh_dim, promoted, with_dims
from .sizes import before, position

# ---- convolution

_MODES = {"f": "full", "s": "same", "v": "valid"}


def infer_convolve(call: OpCall) -> Type:
    """The overlap of two vectors; a number counts as one."""
    a, v = (t.dims or (Dim(1),) for t in call.types)
    if len(a) != 1 or len(v) != 1:
        raise InferError("object too deep for desired array")
    mode = call.static.get("mode", "full")
    if mode not in _MODES.values():
        raise NotSupported(f"mode={mode!r}; use 'full', 'same' or 'valid'")
    m, n = a[0], v[0]
    if m.known == 0 or n.known == 0:
        raise InferError("a and v cannot be empty")
    full = m + n - 1
    if mode == "full":
        return Array(joined_dtype(call.types), (full,))
    gap = m - n
    longer = m if gap.known is not None and gap.known >= 0 else n if gap.known is not None else None
    shorter = None if longer is None else n if longer is m else m
    size = longer if mode == "same" else None if shorter is None else full - shorter - shorter + 2
    return Array(joined_dtype(call.types), (size if size is not None else fresh_dim("n"),))


define(
    "np.convolve(a, v, mode='full')",
    infer=infer_convolve,
    cases=(
        "np.convolve(un, w)",
        "np.convolve(w, un)",
        "np.convolve(un, w, 'same')",
        "np.convolve(w, un, 'same')",
        "np.convolve(un, v, mode='same')",
        "np.convolve(un, w, 'valid')",
        "np.convolve(w, un, 'valid')",
        "np.convolve(un, v, mode='valid')",
        "np.convolve(un, x)",
    ),
)


def whole(dy: Any, m: Any, n: Any, mode: Any) -> Any:
    """The gradient of the full convolution of m and n samples, of which `mode` takes a part."""
    if mode == "full":
        return dy
    shorter = np.minimum(m, n)
    start = (shorter - 1) // 2 if mode == "same" else shorter - 1
    return padded(dy, start, m + n - 1)


def padded(dy: Any, start: Any, size: Any) -> Any:
    """Zeros of that many, with `dy` from position `start` on."""
    rest = size - start - dy.size
    return np.concatenate((np.zeros(start, dy.dtype), dy, np.zeros(rest, dy.dtype)))


def seen_by(dy: Any, a: Any, v: Any, mode: Any) -> Any:
    """The gradient that `a` gets; for a number in place of `v` too."""
    d = whole(dy, a.size, v.size, mode)
    return d * v if v.ndim == 0 else np.correlate(d, conjugate(v), "valid")


@pullback("y = np.convolve(a, v, mode)", wrt="a")
def convolve_a(dy: Any, a: Any, v: Any, mode: Any) -> Any:
    return seen_by(dy, a, v, mode)[0] if a.ndim == 0 else seen_by(dy, a, v, mode)


@pullback("y = np.convolve(a, v, mode)", wrt="v")
def convolve_v(dy: Any, a: Any, v: Any, mode: Any) -> Any:
    return seen_by(dy, v, a, mode)[0] if v.ndim == 0 else seen_by(dy, v, a, mode)


def infer_correlate(call: OpCall) -> Type:
    """As a convolution."""
    return infer_convolve(OpCall(call.types, {"mode": call.static.get("mode", "valid")}))


define(
    "np.correlate(a, v, mode='valid')",
    infer=infer_correlate,
    cases=(
        "np.correlate(un, w)",
        "np.correlate(w, un)",
        "np.correlate(un, w, 'same')",
        "np.correlate(w, un, 'same')",
        "np.correlate(un, v, mode='same')",
        "np.correlate(un, w, 'full')",
        "np.correlate(w, un, 'full')",
    ),
)


def whole_turned(dy: Any, a: Any, v: Any, mode: Any) -> Any:
    """The gradient of all lags, of which `mode` takes a part: about the middle of the longer one."""
    if mode == "full":
        return dy
    shorter = np.minimum(a.size, v.size)
    start = shorter - 1
    if mode == "same":
        start = start - np.where(a.size < v.size, (shorter - 1) // 2, shorter // 2)
    return padded(dy, start, a.size + v.size - 1)


@pullback("y = np.correlate(a, v, mode)", wrt="a")
def correlate_a(dy: Any, a: Any, v: Any, mode: Any) -> Any:
    return np.convolve(whole_turned(dy, a, v, mode), conjugate(v), "valid")


@pullback("y = np.correlate(a, v, mode)", wrt="v")
def correlate_v(dy: Any, a: Any, v: Any, mode: Any) -> Any:
    slope = np.correlate(whole_turned(dy, a, v, mode), conjugate(a), "valid")[::-1]
    return np.conj(slope) if np.iscomplexobj(v) else slope


linear(("convolve", "correlate"))

# ---- interpolation


def infer_searchsorted(call: OpCall) -> Type:
    """A position for each value."""
    a, v = call.types
    if len(a.dims) != 1:
        raise InferError("object too deep for desired array")
    if call["sorter"] is not None:
        raise NotSupported("sorter= is not supported; index with it")
    return with_dims("int64", v.dims)


no_derivative(
    define(
        "np.searchsorted(a, v, side='left', sorter=None)",
        infer=infer_searchsorted,
        method=True,
        cases=(
            "np.searchsorted(np.sort(u), v)",
            "np.searchsorted(np.sort(u), A, side='right')",
            "np.searchsorted(np.sort(u), x)",
            "np.sort(u).searchsorted(v)",
        ),
    ),
    because="it is a position",
)


def infer_interp(call: OpCall) -> Type:
    """A value for each x, in double precision."""
    x, xp, fp = call.types
    if len(xp.dims) != 1 or len(fp.dims) != 1:
        raise InferError("object too deep for desired array")
    if call["period"] is not None:
        raise NotSupported("period= is not supported; take x modulo the period")
    for side in ("left", "right"):
        if not isinstance(call[side], int | float | None):
            raise NotSupported(f"{side}= has to be known before the program runs")
    if isinstance(x, Array) and not x.dims:
        return Scalar("float64")
    return with_dims("float64", x.dims)


define(
    "np.interp(x, xp, fp, left=None, right=None, period=None)",
    infer=infer_interp,
    cases=(
        "np.interp(w, np.sort(u), un)",
        "np.interp(A, np.cumsum(u), un)",
        "np.interp(x + 1, np.cumsum(u), v)",
        "np.interp(3 * w, np.cumsum(u), un, left=0.5, right=-1.0)",
        "np.interp(-x, np.cumsum(u), v)",
        "np.interp(w, np.cumsum(u)[:1], v[:1])",
    ),
)


def piece(x: Any, xp: Any) -> Any:
    """Which piece of the line each x is on, counted from 0."""
    return np.clip(np.searchsorted(xp, x, side="right") - 1, 0, np.maximum(xp.size - 2, 0))


def outside(x: Any, xp: Any) -> Any:
    """Before the first or behind the last point, where the value is constant."""
    return (x < xp[0]) | (x > xp[-1]) | (xp.size == 1)


def along(x: Any, xp: Any, i: Any, j: Any) -> Any:
    """How far each x is on its piece, from 0 to 1."""
    width = np.where(xp[j] == xp[i], 1.0, xp[j] - xp[i])
    return np.clip((x - xp[i]) / width, 0.0, 1.0)


def rise(x: Any, xp: Any, fp: Any) -> Any:
    """The slope of the line at each x; at a point that of the piece behind it."""
    i = piece(x, xp)
    j = np.minimum(i + 1, xp.size - 1)
    width = np.where(xp[j] == xp[i], 1.0, xp[j] - xp[i])
    return np.where(outside(x, xp), 0.0, (fp[j] - fp[i]) / width)


def ends(parts: Any, x: Any, xp: Any, left: Any, right: Any) -> Any:
    """The parts without those for x that a given value stands for."""
    if left is not None:
        parts = np.where(x < xp[0], 0.0, parts)
    return parts if right is None else np.where(x > xp[-1], 0.0, parts)


@pullback("y = np.interp(x, xp, fp)", wrt="x")
def interp_x(dy: Any, x: Any, xp: Any, fp: Any) -> Any:
    return rise(x, xp, fp) * dy


@pullback("y = np.interp(x, xp, fp)", wrt="fp")
def interp_fp(dy: Any, x: Any, xp: Any, fp: Any, left: Any, right: Any) -> Any:
    i = piece(x, xp)
    j = np.minimum(i + 1, xp.size - 1)
    share = along(x, xp, i, j)
    dy = ends(dy, x, xp, left, right)
    return scattered(fp, i, (1 - share) * dy) + scattered(fp, j, share * dy)


@pullback("y = np.interp(x, xp, fp)", wrt="xp")
def interp_xp(dy: Any, x: Any, xp: Any, fp: Any) -> Any:
    i = piece(x, xp)
    j = np.minimum(i + 1, xp.size - 1)
    share = along(x, xp, i, j)
    slope = -rise(x, xp, fp) * dy
    return scattered(xp, i, (1 - share) * slope) + scattered(xp, j, share * slope)


@tangent("y = np.interp(x, xp, fp)", wrt="x")
def interp_x_dot(x_dot: Any, x: Any, xp: Any, fp: Any) -> Any:
    return rise(x, xp, fp) * x_dot


@tangent("y = np.interp(x, xp, fp)", wrt="fp")
def interp_fp_dot(fp_dot: Any, x: Any, xp: Any, left: Any, right: Any) -> Any:
    return ends(np.interp(x, xp, fp_dot), x, xp, left, right)


@tangent("y = np.interp(x, xp, fp)", wrt="xp")
def interp_xp_dot(xp_dot: Any, x: Any, xp: Any, fp: Any) -> Any:
    return -rise(x, xp, fp) * np.interp(x, xp, xp_dot)


# ---- integrals and differences


@composite(
    np.trapezoid,
    cases=(
        "np.trapezoid(un)",
        "np.trapezoid(An, dx=x)",
        "np.trapezoid(An, u, axis=1)",
        "np.trapezoid(Tn, w, axis=1)",
        "np.trapezoid(An, B, axis=0)",
    ),
    complex_too=True,
)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    from_second = y[(*before(axis, y.ndim), slice(1, None))]
    to_last = y[(*before(axis, y.ndim), slice(None, -1))]
    if x is None:
        widths = dx
    elif x.ndim == 1 and y.ndim > 1:
        widths = np.reshape(np.diff(x), along_one(axis, y.ndim))
    else:
        widths = np.diff(x, axis=axis)
    return np.sum(widths * (from_second + to_last) / 2.0, axis=axis)


@composite(
    np.ediff1d,
    cases=("np.ediff1d(u)", "np.ediff1d(A)", "np.ediff1d(u, to_end=w, to_begin=x)"),
    complex_too=True,
)
def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    flat = ary if ary.ndim == 1 else np.ravel(ary)
    steps = flat[1:] - flat[:-1]
    if to_end is None and to_begin is None:
        return steps
    head = () if to_begin is None else (in_dtype(np.ravel(to_begin), flat),)
    tail = () if to_end is None else (in_dtype(np.ravel(to_end), flat),)
    return np.concatenate((*head, steps, *tail))


def in_dtype(values: Any, a: Any) -> Any:
    """The values in the precision of `a`."""
    return values if values.dtype == a.dtype else values.astype(a.dtype)


# ---- phases


def infer_unwrap(call: OpCall) -> Type:
    """The operand, as an array."""
    (p,) = call.types
    position(call.static.get("axis", -1), len(p.dims))
    period = call.static.get("period", 2 * np.pi)
    weak = Scalar("int64" if isinstance(period, int) else "float64", weak=True)
    return Array(promoted(np.add, (p, weak)), p.dims)


define(
    "np.unwrap(p, discont=None, axis=-1, period=6.283185307179586)",
    infer=infer_unwrap,
    cases=("np.unwrap(4 * un)", "np.unwrap(4 * An, axis=0)", "np.unwrap(3 * un, period=2.0)"),
)


@pullback("y = np.unwrap(p)", wrt="p")
def unwrap_p(dy: Any) -> Any:
    # what is added are whole periods
    return +dy


@tangent("y = np.unwrap(p)", wrt="p")
def unwrap_dot(p_dot: Any) -> Any:
    return +p_dot


complex_too("convolve", "correlate")
