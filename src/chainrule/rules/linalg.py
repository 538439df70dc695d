"""Products of vectors and matrices: matmul, dot, inner, outer, vdot.

A pullback may return its gradient in the shape of the broadcast stack of matrices: axes that a
factor lacks, or has with length 1, are summed by `transform.accumulate`. Where a factor has no
stack at all, the rule sums over the stack in one matrix product instead (`np.tensordot`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.dims import Dim, unify
from ..ir.types import Array, Type
from .registry import InferError, OpCall, complex_too, define, linear, pullback
from .shapes import broadcast_dims, promoted, size_of, with_dims


def joined_dtype(types: Sequence[Type]) -> str:
    """The common dtype of functions that make arrays of their operands (no weak numbers)."""
    return str(np.result_type(*(np.dtype(t.dtype) for t in types)).name)


def require_equal(a: Dim, b: Dim, what: str) -> None:
    """Two sizes that the operation forces to be equal."""
    if not unify(a, b):
        raise InferError(f"{what}: sizes {a} and {b} differ")


# ---- matmul


def infer_matmul(call: OpCall) -> Type:
    """Vectors, matrices and stacks of matrices; stacks broadcast."""
    a, b = (t.dims for t in call.types)
    if not a or not b:
        raise InferError("matmul: Input operand does not have enough dimensions")
    require_equal(a[-1], b[-2] if len(b) > 1 else b[-1], "inner dimensions")
    stack = broadcast_dims([a[:-2], b[:-2]])
    rows = a[-2:-1]
    columns = b[-1:] if len(b) > 1 else ()
    return with_dims(promoted(np.matmul, call.types), (*stack, *rows, *columns))


define(
    "np.matmul(a, b)",
    "a @ b",
    name="matmul",
    infer=infer_matmul,
    cases=(
        "A @ C",
        "u @ v",
        "A @ u",
        "w @ A",
        "T @ U",
        "A @ U",
        "T @ C",
        "T @ u",
        "v @ U",
        "T1 @ U",
        "Q @ U",
        "np.matmul(A, C)",
    ),
)


@pullback("c = a @ b", wrt="a")
def matmul_a(dc: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1 and b.ndim == 1:
        return b * dc
    if a.ndim == 1:
        return b @ dc if b.ndim == 2 else np.tensordot(dc, b.swapaxes(-1, -2), dc.ndim)
    if b.ndim == 1:
        return np.outer(dc, b) if a.ndim == 2 else b * dc[..., None]
    if b.ndim == 2:
        return dc @ b.T
    if a.ndim == 2:
        summed = (*range(b.ndim - 2), b.ndim - 1)
        return np.tensordot(dc, b, (summed, summed))
    return dc @ b.swapaxes(-1, -2)


@pullback("c = a @ b", wrt="b")
def matmul_b(dc: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1 and b.ndim == 1:
        return a * dc
    if b.ndim == 1:
        return a.T @ dc if a.ndim == 2 else np.tensordot(dc, a, dc.ndim)
    if a.ndim == 1:
        return np.outer(a, dc) if b.ndim == 2 else a[:, None] * dc[..., None, :]
    if a.ndim == 2:
        return a.T @ dc
    if b.ndim == 2:
        summed = tuple(range(a.ndim - 1))
        return np.tensordot(a, dc, (summed, summed))
    return a.swapaxes(-1, -2) @ dc


# ---- dot


def infer_dot(call: OpCall) -> Type:
    """The last axis of `a` with the last but one of `b`; a number scales."""
    a, b = (t.dims for t in call.types)
    dtype = joined_dtype(call.types)
    if not a or not b:
        return with_dims(dtype, a or b)
    require_equal(a[-1], b[-2] if len(b) > 1 else b[-1], "shapes not aligned")
    return with_dims(dtype, (*a[:-1], *(b[:-2] + b[-1:] if len(b) > 1 else ())))


define(
    "np.dot(a, b)",
    method=True,
    infer=infer_dot,
    cases=(
        "np.dot(u, v)",
        "np.dot(A, C)",
        "np.dot(A, u)",
        "np.dot(w, A)",
        "np.dot(x, A)",
        "np.dot(A, x)",
        "np.dot(x, y)",
        "np.dot(z, u)",
        "np.dot(T, u)",
        "np.dot(v, U)",
        "np.dot(T, C)",
        "np.dot(A, U)",
        "np.dot(T, U)",
        "A.dot(u)",
        "A.dot(C)",
    ),
)


@pullback("c = np.dot(a, b)", wrt="a")
def dot_a(dc: Any, a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return b * dc
    if b.ndim <= 2:
        return matmul_a(dc, a, b)
    return np.tensordot(dc, b.swapaxes(-1, -2), b.ndim - 1)


@pullback("c = np.dot(a, b)", wrt="b")
def dot_b(dc: Any, a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim == 0:
        return a * dc
    if a.ndim == 1 or b.ndim <= 2:
        return matmul_b(dc, a, b)
    summed = tuple(range(a.ndim - 1))
    return np.tensordot(dc, a, (summed, summed)).swapaxes(-1, -2)


# ---- inner, outer, vdot


def infer_inner(call: OpCall) -> Type:
    """The last axes of both; a number scales."""
    a, b = (t.dims for t in call.types)
    dtype = joined_dtype(call.types)
    if not a or not b:
        return with_dims(dtype, a or b)
    require_equal(a[-1], b[-1], "shapes not aligned")
    return with_dims(dtype, (*a[:-1], *b[:-1]))


define(
    "np.inner(a, b)",
    infer=infer_inner,
    cases=(
        "np.inner(u, v)",
        "np.inner(A, B)",
        "np.inner(A, u)",
        "np.inner(u, A)",
        "np.inner(x, A)",
        "np.inner(A, x)",
        "np.inner(T, A)",
        "np.inner(A, T)",
        "np.inner(T, Tn)",
        "np.inner(u, T)",
        "np.inner(T, u)",
    ),
)


@pullback("c = np.inner(a, b)", wrt="a")
def inner_a(dc: Any, a: Any, b: Any) -> Any:
    if a.ndim == 0 or b.ndim <= 1:
        return b * dc if a.ndim <= 1 or b.ndim == 0 else matmul_a(dc, a, b)
    if b.ndim == 2:
        return b.T @ dc if a.ndim == 1 else dc @ b
    return np.tensordot(dc, b, b.ndim - 1)


@pullback("c = np.inner(a, b)", wrt="b")
def inner_b(dc: Any, a: Any, b: Any) -> Any:
    if b.ndim == 0 or a.ndim == 0 or (a.ndim == 1 and b.ndim == 1):
        return a * dc
    if a.ndim == 1:
        return matmul_a(dc, b, a)
    if b.ndim == 1:
        return matmul_b(dc, a, b)
    if a.ndim == 2 and b.ndim == 2:
        return dc.T @ a
    summed = tuple(range(a.ndim - 1))
    return np.tensordot(dc, a, (summed, summed))


def infer_outer(call: OpCall) -> Type:
    """All elements of one with all of the other."""
    a, b = (size_of(t.dims) for t in call.types)
    return Array(joined_dtype(call.types), (a, b))


define(
    "np.outer(a, b)",
    infer=infer_outer,
    cases=(
        "np.outer(u, w)",
        "np.outer(A, u)",
        "np.outer(u, A)",
        "np.outer(x, u)",
        "np.outer(u, z)",
        "np.outer(x, y)",
    ),
)


def flat(a: Any) -> Any:
    """All elements in one axis."""
    return a if a.ndim == 1 else np.ravel(a)


def unflattened(gradient: Any, a: Any) -> Any:
    """The gradient of `flat(a)` in the shape of `a`."""
    if a.ndim == 1:
        return gradient
    return gradient[0] if a.ndim == 0 else np.reshape(gradient, a.shape)


@pullback("c = np.outer(a, b)", wrt="a")
def outer_a(dc: Any, a: Any, b: Any) -> Any:
    return unflattened(dc @ flat(b), a)


@pullback("c = np.outer(a, b)", wrt="b")
def outer_b(dc: Any, a: Any, b: Any) -> Any:
    return unflattened(dc.T @ flat(a), b)


def infer_vdot(call: OpCall) -> Type:
    """All elements of one with those of the other."""
    a, b = (t.dims for t in call.types)
    if len(a) == len(b) == 1:
        require_equal(a[0], b[0], "shapes not aligned")
    sizes = size_of(a).known, size_of(b).known
    if None not in sizes and sizes[0] != sizes[1]:
        raise InferError(f"vdot of {sizes[0]} and {sizes[1]} elements")
    return with_dims(joined_dtype(call.types), ())


define(
    "np.vdot(a, b)",
    infer=infer_vdot,
    cases=("np.vdot(u, v)", "np.vdot(A, B)", "np.vdot(x, y)", "np.vdot(A, np.ravel(B))"),
)


def like(values: Any, a: Any) -> Any:
    """As many values in the shape of `a`."""
    if a.ndim == values.ndim and a.ndim <= 1:
        return values
    return np.ravel(values)[0] if a.ndim == 0 else np.reshape(values, a.shape)


@pullback("c = np.vdot(a, b)", wrt="a")
def vdot_a(dc: Any, a: Any, b: Any) -> Any:
    if np.iscomplexobj(a):
        return np.conj(like(b, a) * dc)
    return like(b, a) * dc


@pullback("c = np.vdot(a, b)", wrt="b")
def vdot_b(dc: Any, a: Any, b: Any) -> Any:
    if np.iscomplexobj(a):
        return like(np.conj(a), b) * dc
    return like(a, b) * dc


linear(("matmul", "dot", "inner", "outer", "vdot"))

complex_too("matmul", "dot", "inner", "outer", "vdot")
