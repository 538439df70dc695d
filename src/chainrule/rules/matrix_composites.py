"""Functions of matrices that are written by others, as NumPy computes them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from .language import refuse, static_helper
from .reductions import times
from .registry import InferError, composite
from .shapes import Axis
from .sizes import positions

# ---- norms of the array API


@static_helper
def others_of(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """The axes that are not among these."""
    return tuple(i for i in range(rank) if i not in axes)


@static_helper
def all_positions(axis: Axis, rank: int) -> tuple[int, ...]:
    """Axes as non-negative numbers in the given order, all for None."""
    return tuple(range(rank)) if axis is None else positions(axis, rank)


@composite(
    np.linalg.vector_norm,
    cases=(
        "np.linalg.vector_norm(un)",
        "np.linalg.vector_norm(An)",
        "np.linalg.vector_norm(An, axis=0, ord=1)",
        "np.linalg.vector_norm(Tn, axis=(0, 2))",
        "np.linalg.vector_norm(Tn, axis=(2, 0), keepdims=True, ord=3)",
        "np.linalg.vector_norm(An, keepdims=True)",
    ),
    complex_too=True,
)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    if axis is None:
        norm = np.linalg.norm(x if x.ndim == 1 else np.ravel(x), ord=ord, axis=0)
        return np.expand_dims(norm, all_positions(None, x.ndim)) if keepdims else norm
    if not isinstance(axis, tuple):
        return np.linalg.norm(x, ord=ord, axis=axis, keepdims=keepdims)
    axes = all_positions(axis, x.ndim)
    rest = others_of(axes, x.ndim)
    moved = np.transpose(x, (*axes, *rest))
    flat = np.reshape(moved, (times(moved.shape[: len(axes)]), *moved.shape[len(axes) :]))
    norm = np.linalg.norm(flat, ord=ord, axis=0)
    return np.expand_dims(norm, axes) if keepdims else norm


@composite(
    np.linalg.matrix_norm,
    cases=(
        "np.linalg.matrix_norm(An)",
        "np.linalg.matrix_norm(Tn, ord='nuc')",
        "np.linalg.matrix_norm(Tn, ord=1, keepdims=True)",
    ),
    complex_too=True,
)
def matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    return np.linalg.norm(x, ord=ord, axis=(-2, -1), keepdims=keepdims)


@composite(
    np.linalg.cond,
    cases=(
        "np.linalg.cond(S)",
        "np.linalg.cond(A)",
        "np.linalg.cond(S, -2)",
        "np.linalg.cond(M)",
        "np.linalg.cond(S, 'fro')",
        "np.linalg.cond(M, 1)",
        "np.linalg.cond(S, np.inf)",
    ),
    complex_too=True,
)
def cond(x: Any, p: Any = None) -> Any:
    if p is None or p == 2 or p == -2:
        s = np.linalg.svd(x, compute_uv=False)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    if x.dtype != np.float32:
        inverse = np.linalg.inv(x)
        return np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(inverse, p, axis=(-2, -1))
    inverse = np.linalg.inv(x.astype(float))  # so does NumPy
    product = np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(inverse, p, axis=(-2, -1))
    return product.astype(np.float32)


# ---- powers


@static_helper
def exponent(n: Any) -> int:
    """A whole number."""
    try:
        return operator.index(n)
    except TypeError:
        raise InferError("exponent must be an integer") from None


@composite(
    np.linalg.matrix_power,
    cases=(
        "np.linalg.matrix_power(S, 0)",
        "np.linalg.matrix_power(M, 1)",
        "np.linalg.matrix_power(S, 2)",
        "np.linalg.matrix_power(S, 3)",
        "np.linalg.matrix_power(M, 5)",
        "np.linalg.matrix_power(S, -3)",
        "np.linalg.matrix_power(R, 6)",
    ),
    complex_too=True,
)
def matrix_power(a: Any, n: Any) -> Any:
    n = exponent(n)
    if n == 0:
        return np.zeros_like(a) + np.eye(a.shape[-1], dtype=a.dtype)
    if n < 0:
        return positive_power(np.linalg.inv(a), -n)
    return positive_power(a, n)


def positive_power(a: Any, n: Any) -> Any:
    """By repeated squaring, in the order of NumPy."""
    if n == 1:
        return a
    if n == 2:
        return a @ a
    if n == 3:
        return a @ a @ a
    if n % 2:
        return squared(a, a, n // 2)
    return squared(a, None, n // 2)


def squared(z: Any, result: Any, n: Any) -> Any:
    """What the higher bits of the exponent add to the product."""
    square = z @ z
    if n == 1:
        return square if result is None else result @ square
    if n % 2:
        return squared(square, square if result is None else result @ square, n // 2)
    return squared(square, result, n // 2)


# ---- equations of tensors


@static_helper
def at_the_end(axes: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """All axes, these ones in the places that `np.linalg.tensorsolve` gives them."""
    order = list(range(rank))
    for k in axes:
        order.remove(k)
        order.insert(rank, k)
    return tuple(order)


@composite(
    np.linalg.tensorsolve,
    cases=(
        "np.linalg.tensorsolve(np.reshape(R, (4, 2, 2)), u)",
        "np.linalg.tensorsolve(np.reshape(R, (2, 4, 2)), u, axes=(0, ))",
    ),
    complex_too=True,
)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    if axes is not None:
        return tensorsolve(np.transpose(a, at_the_end(tuple(axes), a.ndim)), b)
    shape = a.shape[b.ndim :]
    n = times(shape)
    return np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.ravel(b)), shape)


@composite(
    np.linalg.tensorinv,
    cases=(
        "np.linalg.tensorinv(np.reshape(R, (2, 2, 4)))",
        "np.linalg.tensorinv(np.reshape(R, (4, 2, 2)), ind=1)",
    ),
    complex_too=True,
)
def tensorinv(a: Any, ind: Any = 2) -> Any:
    if ind <= 0:
        return refuse("np.linalg.tensorinv needs a positive ind")
    n = times(a.shape[ind:])
    inverse = np.linalg.inv(np.reshape(a, (n, n)))
    return np.reshape(inverse, (*a.shape[ind:], *a.shape[:ind]))
