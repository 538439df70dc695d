"""Products of NumPy 2 that broadcast over stacks, and chains of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Type
from .linalg import joined_dtype, require_equal
from .reductions import conjugate
from .registry import InferError, OpCall, complex_too, composite, define, linear, pullback
from .shapes import broadcast_dims, promoted, with_dims
from .sizes import position

# ---- vecdot, matvec, vecmat


def infer_vecdot(call: OpCall) -> Type:
    """Vectors along an axis of both; the others broadcast."""
    a, b = (t.dims for t in call.types)
    axis = call.static.get("axis", -1)
    if not a or not b:
        raise InferError("vecdot: Input operand does not have enough dimensions")
    i, j = position(axis, len(a)), position(axis, len(b))
    require_equal(a[i], b[j], "vecdot")
    stack = broadcast_dims([a[:i] + a[i + 1 :], b[:j] + b[j + 1 :]])
    return with_dims(promoted(np.vecdot, call.types), stack)


def infer_matvec(call: OpCall) -> Type:
    """Stacks of matrices and of vectors."""
    a, b = (t.dims for t in call.types)
    if len(a) < 2 or not b:
        raise InferError("matvec: Input operand does not have enough dimensions")
    require_equal(a[-1], b[-1], "matvec")
    dims = (*broadcast_dims([a[:-2], b[:-1]]), a[-2])
    return with_dims(promoted(np.matvec, call.types), dims)


def infer_vecmat(call: OpCall) -> Type:
    """Stacks of vectors and of matrices."""
    a, b = (t.dims for t in call.types)
    if not a or len(b) < 2:
        raise InferError("vecmat: Input operand does not have enough dimensions")
    require_equal(a[-1], b[-2], "vecmat")
    dims = (*broadcast_dims([a[:-1], b[:-2]]), b[-1])
    return with_dims(promoted(np.vecmat, call.types), dims)


define(
    "np.vecdot(x1, x2, axis=-1)",
    infer=infer_vecdot,
    cases=(
        "np.vecdot(u, v)",
        "np.vecdot(A, An)",
        "np.vecdot(A, u)",
        "np.vecdot(u, T)",
        "np.vecdot(A, An, axis=0)",
        "np.vecdot(T, Tn, axis=-2)",
    ),
)
define(
    "np.matvec(x1, x2)",
    infer=infer_matvec,
    cases=("np.matvec(A, u)", "np.matvec(T, An[0])", "np.matvec(T, V.T[:2])", "np.matvec(A, T)"),
)
define(
    "np.vecmat(x1, x2)",
    infer=infer_vecmat,
    cases=("np.vecmat(w, A)", "np.vecmat(w, T)", "np.vecmat(V.T[:2, :3], T)", "np.vecmat(V, A)"),
)


@pullback("c = np.vecdot(x1, x2, axis)", wrt="x1")
def vecdot_x1(dc: Any, x1: Any, x2: Any, axis: Any) -> Any:
    # x1 is conjugated where it is complex
    slope = x2 * dc if x1.ndim == 1 and x2.ndim == 1 else x2 * np.expand_dims(dc, axis)
    return np.conj(slope) if np.iscomplexobj(x1) else slope


@pullback("c = np.vecdot(x1, x2, axis)", wrt="x2")
def vecdot_x2(dc: Any, x1: Any, x2: Any, axis: Any) -> Any:
    factor = conjugate(x1)
    return factor * dc if x1.ndim == 1 and x2.ndim == 1 else factor * np.expand_dims(dc, axis)


@pullback("c = np.matvec(x1, x2)", wrt="x1")
def matvec_x1(dc: Any, x2: Any) -> Any:
    return dc[..., :, None] * x2[..., None, :]


@pullback("c = np.matvec(x1, x2)", wrt="x2")
def matvec_x2(dc: Any, x1: Any) -> Any:
    return np.vecmat(conjugate(dc), x1)


@pullback("c = np.vecmat(x1, x2)", wrt="x1")
def vecmat_x1(dc: Any, x1: Any, x2: Any) -> Any:
    slope = np.matvec(x2, dc)
    return np.conj(slope) if np.iscomplexobj(x1) else slope


@pullback("c = np.vecmat(x1, x2)", wrt="x2")
def vecmat_x2(dc: Any, x1: Any) -> Any:
    return conjugate(x1)[..., :, None] * dc[..., None, :]


linear(("vecdot", "matvec", "vecmat"))


# ---- chains of matrices


def infer_chain(call: OpCall) -> Type:
    """Matrices one after the other; the first and the last may be vectors."""
    shapes = [t.dims for t in call.types]
    if len(shapes) < 2:
        raise InferError("Expecting at least two arrays.")
    ends = [len(shapes[0]), len(shapes[-1])]
    if any(len(s) != 2 for s in shapes[1:-1]) or not all(r in (1, 2) for r in ends):
        raise InferError("Array must be 2-dimensional")
    first: tuple[Dim, ...] = shapes[0][:-1]
    inner = shapes[0][-1]
    for dims in shapes[1:]:
        require_equal(inner, dims[0], "shapes not aligned")
        inner = dims[-1]
    last = shapes[-1][1:]
    return with_dims(joined_dtype(call.types), (*first, *last))


define(
    "np.linalg.multi_dot(*arrays)",
    infer=infer_chain,
    cases=(
        "np.linalg.multi_dot([A, C])",
        "np.linalg.multi_dot([V, A, C])",
        "np.linalg.multi_dot((w, A, S, C))",
        "np.linalg.multi_dot([u, S, v])",
        "np.linalg.multi_dot([V, A, S, u])",
    ),
)


def chain(arrays: Any) -> Any:
    """The product of at least one array."""
    return arrays[0] if len(arrays) == 1 else np.linalg.multi_dot(arrays)


@pullback("c = np.linalg.multi_dot(arrays)", wrt="arrays")
def multi_dot_arrays(dc: Any, arrays: Any, k: Any) -> Any:
    if k == 0:
        after = chain(arrays[1:])
        if after.ndim == 2:
            return dc @ after.T
        return np.outer(dc, after) if dc.ndim == 1 else after * dc
    before = chain(arrays[:k])
    if k == len(arrays) - 1:
        if before.ndim == 2:
            return before.T @ dc
        return np.outer(before, dc) if dc.ndim == 1 else before * dc
    after = chain(arrays[k + 1 :])
    if before.ndim == 2:
        left = before.T @ dc
        return left @ after.T if after.ndim == 2 else np.outer(left, after)
    return np.outer(before, dc @ after.T if after.ndim == 2 else dc * after)


linear("linalg.multi_dot")
complex_too("vecdot", "matvec", "vecmat", "linalg.multi_dot")


# ---- other names


@composite(np.linalg.vecdot, cases=("np.linalg.vecdot(A, An)", "np.linalg.vecdot(A, An, axis=0)"))
def vecdot(x1: Any, x2: Any, /, *, axis: Any = -1) -> Any:
    return np.vecdot(x1, x2, axis=axis)  # type: ignore[call-overload]


@composite(np.linalg.matmul, cases=("np.linalg.matmul(A, C)",), complex_too=True)
def matmul(x1: Any, x2: Any, /) -> Any:
    return np.matmul(x1, x2)


@composite(np.linalg.tensordot, cases=("np.linalg.tensordot(A, C, axes=1)",), complex_too=True)
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return np.tensordot(x1, x2, axes=axes)


@composite(np.linalg.outer, cases=("np.linalg.outer(u, w)",), complex_too=True)
def outer(x1: Any, x2: Any, /) -> Any:
    if x1.ndim != 1 or x2.ndim != 1:
        raise ValueError("Input arrays must be one-dimensional")
    return np.outer(x1, x2)


@composite(np.linalg.cross, cases=("np.linalg.cross(w, wn)",), complex_too=True)
def cross(x1: Any, x2: Any, /, *, axis: Any = -1) -> Any:
    return np.cross(x1, x2, axis=axis)


@composite(np.linalg.matrix_transpose, cases=("np.linalg.matrix_transpose(T)",), complex_too=True)
def matrix_transpose(x: Any, /) -> Any:
    return np.matrix_transpose(x)


@composite(
    np.linalg.diagonal,
    cases=("np.linalg.diagonal(T)", "np.linalg.diagonal(T, offset=1)"),
    complex_too=True,
)
def diagonal(x: Any, /, *, offset: Any = 0) -> Any:
    return np.diagonal(x, offset, axis1=-2, axis2=-1)


@composite(
    np.linalg.trace, cases=("np.linalg.trace(T)", "np.linalg.trace(M, offset=1)"), complex_too=True
)
def trace(x: Any, /, *, offset: Any = 0, dtype: Any = None) -> Any:
    return np.trace(x, offset, axis1=-2, axis2=-1, dtype=dtype)
