"""Diagonals and triangles: diag, diagonal, diagflat, tril, triu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .language import at_least, static_helper
from .registry import InferError, NotSupported, OpCall, complex_too, define, linear, pullback
from .shape import like
from .shapes import Dims, fresh_dim
from .sizes import count, known_int, pad_along, positions


def diagonal_length(rows: Dim, columns: Dim, k: int) -> Dim:
    """How many elements the k-th diagonal of a matrix has."""
    if rows.known is not None and columns.known is not None:
        return Dim(max(0, min(rows.known + min(k, 0), columns.known - max(k, 0))))
    if rows == columns:
        return rows - abs(k)
    return fresh_dim("m")


def require_elements(length: Dim) -> None:
    """Refuse a diagonal that is known to lie outside the matrix."""
    if length.known == 0:
        raise NotSupported("a diagonal without elements")


def with_diagonal(dims: Dims, k: int) -> Dims:
    """The shape of the square matrix whose k-th diagonal has all these elements."""
    return (count(dims) + abs(k),) * 2


def infer_diag(call: OpCall) -> Type:
    """A matrix from its diagonal, or the diagonal of a matrix."""
    (v,) = call.types
    k = known_int(call["k"], "the diagonal k")
    if len(v.dims) == 1:
        return Array(v.dtype, with_diagonal(v.dims, k))
    if len(v.dims) != 2:
        raise InferError("Input must be 1- or 2-d.")
    length = diagonal_length(*v.dims, k)
    require_elements(length)
    return Array(v.dtype, (length,))


def infer_diagflat(call: OpCall) -> Type:
    """A matrix with all elements on its diagonal."""
    (v,) = call.types
    return Array(v.dtype, with_diagonal(v.dims, known_int(call["k"], "the diagonal k")))


def infer_diagonal(call: OpCall) -> Type:
    """Two axes replaced by their diagonal, which becomes the last axis."""
    (a,) = call.types
    rank = len(a.dims)
    if rank < 2:
        raise InferError("diag requires an array of at least two dimensions")
    i, j = positions((call["axis1"], call["axis2"]), rank)
    length = diagonal_length(a.dims[i], a.dims[j], known_int(call["offset"], "the offset"))
    require_elements(length)
    return Array(a.dtype, (*(d for n, d in enumerate(a.dims) if n not in (i, j)), length))


def infer_triangle(call: OpCall) -> Type:
    """A matrix or a stack of them; of a vector, a matrix with it in each row."""
    (m,) = call.types
    if not m.dims:
        raise InferError("m must have at least one axis")
    known_int(call["k"], "the diagonal k")
    return Array(m.dtype, m.dims * 2 if len(m.dims) == 1 else m.dims)


define(
    "np.diag(v, k=0)",
    returns="view",
    infer=infer_diag,
    cases=(
        "np.diag(u)", "np.diag(u, 1)", "np.diag(w, -2)", "np.diag(S)", "np.diag(S, 1)",
        "np.diag(S, k=-2)", "np.diag(A)", "np.diag(A, 1)", "np.diag(A, 2)", "np.diag(A, -1)",
        "np.diag(A.T)",
    ),
)  # fmt: skip
define(
    "np.diagflat(v, k=0)",
    infer=infer_diagflat,
    cases=("np.diagflat(u)", "np.diagflat(A, -1)", "np.diagflat(x)", "np.diagflat(z, 1)"),
)
define(
    "np.diagonal(a, offset=0, axis1=0, axis2=1)",
    method=True,
    returns="view",
    infer=infer_diagonal,
    cases=(
        "np.diagonal(S)", "np.diagonal(A)", "np.diagonal(A, 1)", "np.diagonal(A, -1, 1, 0)",
        "np.diagonal(T)", "np.diagonal(T, 1, 1, 2)", "np.diagonal(T, -1, -1, 0)", "S.diagonal(-1)",
        "np.diagonal(S, 1, 1, 0)",
    ),
)  # fmt: skip
define(
    "np.tril(m, k=0)",
    infer=infer_triangle,
    cases=("np.tril(A)", "np.tril(S, -1)", "np.tril(T, 1)", "np.tril(u)"),
)
define(
    "np.triu(m, k=0)",
    infer=infer_triangle,
    cases=("np.triu(A)", "np.triu(S, 1)", "np.triu(T, -1)", "np.triu(u, 1)"),
)


@static_helper
def square(m: Any, n: Any, k: int) -> bool:
    """Is it a square matrix, so that its diagonal determines its shape?"""
    size = Dim.of(m)
    return size == Dim.of(n) and size.least >= abs(k)


@static_helper
def in_order(axis1: int, axis2: int, rank: int) -> bool:
    """Are these the last two axes, in order?"""
    return positions((axis1, axis2), rank) == (rank - 2, rank - 1)


def matrix_with(dy: Any, a: Any, k: Any) -> Any:
    """A matrix of zeros in the shape of `a` with `dy` on its k-th diagonal."""
    m, n = a.shape
    if square(m, n, k):
        return np.diag(dy, k)
    if at_least(m, -k) and at_least(n, k):
        size = dy.shape[0]
        top, left = max(0, -k), max(0, k)
        return np.pad(np.diag(dy), ((top, m - size - top), (left, n - size - left)))
    return stack_with(dy, a, k, 0, 1)  # the diagonal may lie outside the matrix


def stack_with(dy: Any, a: Any, k: Any, axis1: Any, axis2: Any) -> Any:
    """An array of zeros in the shape of `a` with the last axis of `dy` on a diagonal."""
    m, n = a.shape[axis1], a.shape[axis2]
    diagonal = np.eye(m, n, k, dtype="bool")
    if k >= 0:
        lines = np.pad(dy, pad_along(-1, dy.ndim, 0, m - dy.shape[-1]))[..., :, None]
    else:
        lines = np.pad(dy, pad_along(-1, dy.ndim, 0, n - dy.shape[-1]))[..., None, :]
    da = np.where(diagonal, lines, 0.0)
    return da if in_order(axis1, axis2, a.ndim) else np.moveaxis(da, (-2, -1), (axis1, axis2))


@pullback("y = np.diag(v, k)", wrt="v")
def diag_v(dy: Any, v: Any, k: Any) -> Any:
    if v.ndim == 1:
        return np.diag(dy, k)
    return matrix_with(dy, v, k)


@pullback("y = np.diagflat(v, k)", wrt="v")
def diagflat_v(dy: Any, v: Any, k: Any) -> Any:
    return like(np.diag(dy, k), v)


@pullback("y = np.diagonal(a, offset, axis1, axis2)", wrt="a")
def diagonal_a(dy: Any, a: Any, offset: Any, axis1: Any, axis2: Any) -> Any:
    if a.ndim == 2:
        return matrix_with(dy, a, offset if in_order(axis1, axis2, 2) else -offset)
    return stack_with(dy, a, offset, axis1, axis2)


@pullback("y = np.tril(m, k)", wrt="m")
def tril_m(dy: Any, m: Any, k: Any) -> Any:
    if m.ndim == 1:
        return np.sum(np.tril(dy, k), axis=0)
    return np.tril(dy, k)


@pullback("y = np.triu(m, k)", wrt="m")
def triu_m(dy: Any, m: Any, k: Any) -> Any:
    if m.ndim == 1:
        return np.sum(np.triu(dy, k), axis=0)
    return np.triu(dy, k)


linear(("diag", "diagflat", "diagonal", "tril", "triu"))

complex_too("diag", "diagflat", "diagonal", "tril", "triu")
