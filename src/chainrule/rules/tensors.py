"""Kronecker and vector products, and the trace."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .language import static_helper
from .linalg import joined_dtype
from .reductions import lined_up, require_plain
from .registry import InferError, NotSupported, OpCall, complex_too, define, linear, pullback
from .shapes import broadcast_dims, size_of, with_dims
from .sizes import position

# ---- kron, cross


def infer_kron(call: OpCall) -> Type:
    """Sizes multiply, axis by axis from the last one."""
    a, b = (t.dims for t in call.types)
    rank = max(len(a), len(b))
    a, b = (((Dim(1),) * (rank - len(d)) + d) for d in (a, b))
    dims = tuple(size_of(pair) for pair in zip(a, b, strict=True))
    return with_dims(joined_dtype(call.types), dims)


define(
    "np.kron(a, b)",
    infer=infer_kron,
    cases=(
        "np.kron(u, w)",
        "np.kron(A, C)",
        "np.kron(u, A)",
        "np.kron(A, w)",
        "np.kron(T, A)",
        "np.kron(x, A)",
        "np.kron(A, z)",
    ),
)


@static_helper
def interleaved(shape: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[Any, ...]:
    """The sizes of both in turn; the shorter one gets leading ones.

    >>> interleaved((3,), (2, 5))
    (1, 2, 3, 5)
    """
    rank = max(len(shape), len(other))
    a, b = ((1,) * (rank - len(s)) + tuple(s) for s in (shape, other))
    return tuple(size for pair in zip(a, b, strict=True) for size in pair)


def without_factor(dc: Any, a: Any, b: Any, blocks: Any, first: int) -> Any:
    """The sum of `dc`, cut into `blocks`, times `b`, whose axes are every second from `first`."""
    rank = max(a.ndim, b.ndim)
    axes = tuple(2 * i + first for i in range(rank - b.ndim, rank))
    summed = np.tensordot(np.reshape(dc, blocks), b, (axes, tuple(range(b.ndim))))
    return summed if a.ndim == b.ndim else np.reshape(summed, a.shape)


@pullback("c = np.kron(a, b)", wrt="a")
def kron_a(dc: Any, a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return b * dc
    return without_factor(dc, a, b, interleaved(a.shape, b.shape), 1)


@pullback("c = np.kron(a, b)", wrt="b")
def kron_b(dc: Any, a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return a * dc
    return without_factor(dc, b, a, interleaved(a.shape, b.shape), 0)


@static_helper
def vector_axes(
    axisa: int, axisb: int, axisc: int, axis: int | None, ranks: tuple[int, int]
) -> tuple[int, int, int]:
    """The axes of the vectors in both factors and in the product, counted from the end."""
    if axis is not None:
        axisa = axisb = axisc = axis
    rank = max(ranks)
    axes = zip((axisa, axisb, axisc), (*ranks, rank), strict=True)
    a, b, c = (position(axis, rank) - rank for axis, rank in axes)
    return a, b, c


def infer_cross(call: OpCall) -> Type:
    """Vectors of three components along an axis; the others broadcast."""
    a, b = (t.dims for t in call.types)
    if not a or not b:
        raise InferError("At least one array has zero dimension")
    axisa, axisb, axisc = (call.static.get(name, -1) for name in ("axisa", "axisb", "axisc"))
    axes = vector_axes(axisa, axisb, axisc, call["axis"], (len(a), len(b)))
    sizes = a[axes[0]].known, b[axes[1]].known
    if 2 in sizes:
        raise NotSupported("vectors of two components (deprecated by NumPy): write a0*b1 - a1*b0")
    if any(size not in (None, 3) for size in sizes):
        raise InferError("both vectors must have three components")
    at = len(a) + axes[0], len(b) + axes[1]
    dims = list(broadcast_dims([a[: at[0]] + a[at[0] + 1 :], b[: at[1]] + b[at[1] + 1 :]]))
    dims.insert(len(dims) + 1 + axes[2], Dim(3))
    return Array(joined_dtype(call.types), tuple(dims))


define(
    "np.cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None)",
    infer=infer_cross,
    cases=(
        "np.cross(w, wn)",
        "np.cross(V, w)",
        "np.cross(wn, V)",
        "np.cross(A, An, axis=0)",
        "np.cross(A, V, axisa=0)",
        "np.cross(V, A, axisb=0, axisc=0)",
        "np.cross(A, w, axisa=0)",
        "np.cross(T, w, axisa=1)",
        "np.cross(A, T, axisa=0, axisb=1, axisc=1)",
    ),
)


@pullback("c = np.cross(a, b)", wrt="a")
def cross_a(dc: Any, a: Any, b: Any, axisa: Any, axisb: Any, axisc: Any, axis: Any) -> Any:
    i, j, k = vector_axes(axisa, axisb, axisc, axis, (a.ndim, b.ndim))
    return np.cross(b, dc, axisa=j, axisb=k, axisc=i)


@pullback("c = np.cross(a, b)", wrt="b")
def cross_b(dc: Any, a: Any, b: Any, axisa: Any, axisb: Any, axisc: Any, axis: Any) -> Any:
    i, j, k = vector_axes(axisa, axisb, axisc, axis, (a.ndim, b.ndim))
    return np.cross(dc, a, axisa=k, axisb=i, axisc=j)


# ---- trace


def infer_trace(call: OpCall) -> Type:
    """The operand without the two axes."""
    require_plain(call)
    (a,) = call.types
    rank = len(a.dims)
    if rank < 2:
        raise InferError("diag requires an array of at least two dimensions")
    axes = position(call.static.get("axis1", 0), rank), position(call.static.get("axis2", 1), rank)
    if axes[0] == axes[1]:
        raise InferError("axis1 and axis2 cannot be the same")
    dtype = np.trace(np.ones((1, 1), a.dtype), dtype=call["dtype"]).dtype.name
    return with_dims(str(dtype), tuple(d for i, d in enumerate(a.dims) if i not in axes))


define(
    "np.trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None)",
    method=True,
    infer=infer_trace,
    cases=(
        "np.trace(S)",
        "np.trace(A)",
        "np.trace(A, offset=1)",
        "np.trace(A, -1)",
        "np.trace(A, offset=9)",
        "np.trace(T)",
        "np.trace(T, 1, 0, 2)",
        "np.trace(T, 1, 2, 1)",
        "np.trace(T, offset=-1, axis1=-1, axis2=0)",
        "A.trace(offset=1)",
    ),
)


@static_helper
def diagonal_axes(axis1: int, axis2: int, offset: int, rank: int) -> tuple[int, int, int]:
    """Both axes in ascending order, and the offset of the diagonal that this makes."""
    i, j = position(axis1, rank), position(axis2, rank)
    return (i, j, offset) if i < j else (j, i, -offset)


@pullback("y = np.trace(a)", wrt="a")
def trace_a(dy: Any, a: Any, offset: Any, axis1: Any, axis2: Any) -> Any:
    i, j, k = diagonal_axes(axis1, axis2, offset, a.ndim)
    # selected rather than multiplied by 0 and 1: exact zeros beside the diagonal also for inf
    diagonal = np.eye(a.shape[i], a.shape[j], k, dtype=bool)
    if a.ndim > 2:
        rest = tuple(axis for axis in range(a.ndim) if axis not in (i, j))
        diagonal = np.expand_dims(diagonal, rest)
    return np.where(diagonal, lined_up(dy, a, (i, j), False), 0.0)


linear(("kron", "cross", "trace"))

complex_too("kron", "cross", "trace")
