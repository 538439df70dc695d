"""Norms, and functions of whole matrices: inverse, determinant, solve, Cholesky factor.

The matrix formulas are those of M. Giles, An extended collection of matrix derivative results for
forward and reverse mode algorithmic differentiation, Oxford NA-08/01 (2008).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import Type
from .complex_parts import real_dtype
from .language import count_dtype, static_helper
from .linalg import require_equal
from .reductions import conjugate, lined_up, reduced_dims, sampled_dtype
from .registry import (
    InferError,
    OpCall,
    complex_too,
    define,
    linear,
    pullback,
    tangent,
)
from .shapes import Axis, Dims, broadcast_dims, with_dims

# ---- norms


@static_helper
def norm_kind(ord: Any, axis: Axis, rank: int) -> str:
    """Which formula a norm has.

    >>> norm_kind(None, None, 3), norm_kind(-np.inf, 0, 2), norm_kind(np.inf, None, 2)
    ('euclid', 'smallest', 'rows')
    """
    if axis is None and ord is None:
        return "euclid"
    axes = tuple(range(rank)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if len(axes) == 1:
        if isinstance(ord, str):
            raise InferError(f"Invalid norm order {ord!r} for vectors")
        known = {None: "euclid", 2: "euclid", 1: "sum", 0: "count"}
        return known.get(ord) or {np.inf: "largest", -np.inf: "smallest"}.get(ord, "power")
    if len(axes) != 2:
        raise InferError("Improper number of dimensions to norm.")
    if ord in (2, -2, "nuc"):
        return "values"
    if ord in (1, -1):
        return "columns"
    if ord in (np.inf, -np.inf):
        return "rows"
    if ord in (None, "fro"):
        return "euclid"
    raise InferError("Invalid norm order for matrices.")


def infer_norm(call: OpCall) -> Type:
    """Over all axes, or the given ones."""
    (x,) = call.types
    axis = call["axis"]
    norm_kind(call["ord"], axis, len(x.dims))
    dtype = sampled_dtype(np.linalg.norm, (x.dtype,))
    return with_dims(dtype, reduced_dims(x.dims, axis, call["keepdims"]))


define(
    "np.linalg.norm(x, ord=None, axis=None, keepdims=False)",
    infer=infer_norm,
    cases=(
        "np.linalg.norm(un)",
        "np.linalg.norm(An)",
        "np.linalg.norm(Tn)",
        "np.linalg.norm(z)",
        "np.linalg.norm(An, axis=0)",
        "np.linalg.norm(An, axis=-1, keepdims=True)",
        "np.linalg.norm(An, axis=(0,))",
        "np.linalg.norm(An, keepdims=True)",
        "np.linalg.norm(An, 'fro')",
        "np.linalg.norm(Tn, axis=(0, -1))",
        "np.linalg.norm(Tn, 'fro', axis=(2, 0), keepdims=True)",
        "np.linalg.norm(un, 2)",
        "np.linalg.norm(un, 1)",
        "np.linalg.norm(un, np.inf)",
        "np.linalg.norm(un, -np.inf)",
        "np.linalg.norm(un, 3)",
        "np.linalg.norm(un, 0.5)",
        "np.linalg.norm(un, -1)",
        "np.linalg.norm(un, 0)",
        "np.linalg.norm(An, 1, axis=1)",
        "np.linalg.norm(An, 1.5, axis=0, keepdims=True)",
        "np.linalg.norm(Tn, np.inf, axis=1)",
        "np.linalg.norm(An, 1)",
        "np.linalg.norm(An, -1)",
        "np.linalg.norm(An, np.inf)",
        "np.linalg.norm(An, -np.inf)",
        "np.linalg.norm(Tn, 1, axis=(0, 2))",
        "np.linalg.norm(Tn, np.inf, axis=(2, 0), keepdims=True)",
        "np.linalg.norm(Tn, -1, axis=(-1, 1), keepdims=True)",
        "np.linalg.norm(An, 2)",
        "np.linalg.norm(An, -2)",
        "np.linalg.norm(An, 'nuc')",
        "np.linalg.norm(Tn, 'nuc', axis=(0, 2))",
        "np.linalg.norm(Tn, 2, axis=(1, 2), keepdims=True)",
        "np.linalg.norm(Tn, -2, axis=(2, 0))",
    ),
)


@pullback("y = np.linalg.norm(x, ord, axis)", wrt="x")
def norm_x(dy: Any, x: Any, y: Any, ord: Any, axis: Any, keepdims: Any) -> Any:
    kind = norm_kind(ord, axis, x.ndim)
    if kind == "euclid":
        nonzero = np.where(y == 0, 1.0, y)  # the gradient at 0 is 0
        return conjugate(x) / lined_up(nonzero, x, axis, keepdims) * lined_up(dy, x, axis, keepdims)
    if kind == "sum":
        return direction(x) * lined_up(dy, x, axis, keepdims)
    if kind == "count":
        return np.zeros_like(x)
    if kind == "power":
        return power_slope(x, y, ord, axis, keepdims) * lined_up(dy, x, axis, keepdims)
    if kind == "largest" or kind == "smallest":
        extreme = np.abs(x) == lined_up(y, x, axis, keepdims)
        # divided last: without elements the largest is 0, and there are no ties to divide by
        ties = np.sum(extreme, axis=axis, dtype=count_dtype(x.dtype), keepdims=True)
        chosen = np.where(extreme, lined_up(dy, x, axis, keepdims), 0.0)
        return direction(x) * chosen / ties
    if kind == "values":
        return values_slope(dy, x, ord, axis, keepdims)
    return line_slope(dy, x, kind == "columns", ord > 0, axis, keepdims)


def direction(x: Any) -> Any:
    """The pullback of `abs(x)` for a cotangent of 1: the sign, of complex numbers conjugated."""
    if not np.iscomplexobj(x):
        return np.sign(x)
    size = np.abs(x)
    return np.conj(x) / np.where(size == 0, 1.0, size)


def power_slope(x: Any, y: Any, ord: Any, axis: Any, keepdims: Any) -> Any:
    """The derivative of `sum(abs(x)**ord)**(1 / ord)`: 0 where x is 0, a kink for `ord < 1`."""
    if ord > 1:
        nonzero = np.where(y == 0, 1.0, y)
        return direction(x) * (np.abs(x) / lined_up(nonzero, x, axis, keepdims)) ** (ord - 1)
    size = np.where(x == 0, 1.0, np.abs(x))
    return direction(x) * (lined_up(y, x, axis, keepdims) / size) ** (1 - ord)


@static_helper
def line_axes(axis: Axis, rank: int, columns: bool) -> tuple[int, int]:
    """The axis along which absolute values are summed, and the one over which sums compete."""
    row, column = (0, 1) if axis is None else axis if isinstance(axis, tuple) else (axis, axis)
    row, column = row % rank, column % rank
    return (row, column) if columns else (column, row)


def line_slope(dy: Any, x: Any, columns: bool, largest: bool, axis: Any, keepdims: Any) -> Any:
    """The pullback of the largest or smallest sum of absolute values of a column (or row)."""
    along, over = line_axes(axis, x.ndim, columns)
    sums = np.sum(np.abs(x), axis=along, keepdims=True)
    if largest:
        extreme = np.max(sums, axis=over, keepdims=True, initial=0.0)
    else:
        extreme = np.min(sums, axis=over, keepdims=True)
    chosen = sums == extreme
    ties = np.sum(chosen, axis=over, dtype=count_dtype(x.dtype), keepdims=True)
    return direction(x) * np.where(chosen, lined_up(dy, x, (along, over), keepdims), 0.0) / ties


@static_helper
def matrix_axes(axis: Axis, rank: int) -> tuple[int, int]:
    """The axes of rows and columns as non-negative numbers."""
    row, column = (0, 1) if axis is None else axis if isinstance(axis, tuple) else (axis, axis)
    return row % rank, column % rank


def last_two(x: Any, axes: tuple[int, int]) -> Any:
    """The array with these axes at the end."""
    return x if axes == (x.ndim - 2, x.ndim - 1) else np.moveaxis(x, axes, (-2, -1))


def parts_of(s: Any, ord: Any) -> Any:
    """The derivative of the norm in each singular value; those that tie share."""
    if ord == "nuc":
        return np.where(s > 0, 1.0, 0.0)
    extreme = s == (s[..., :1] if ord == 2 else s[..., -1:])
    return np.where(s > 0, extreme / np.sum(extreme, axis=-1, keepdims=True), 0.0)


def values_slope(dy: Any, x: Any, ord: Any, axis: Any, keepdims: Any) -> Any:
    """The pullback of the largest or smallest singular value, or of their sum."""
    axes = matrix_axes(axis, x.ndim)
    u, s, vh = np.linalg.svd(last_two(x, axes), full_matrices=False)
    slope = conjugate(u * parts_of(s, ord)[..., None, :] @ vh)
    if axes != (x.ndim - 2, x.ndim - 1):
        slope = np.moveaxis(slope, (-2, -1), axes)
    return slope * lined_up(dy, x, axes, keepdims)


# ---- inverse, determinant


def square(dims: Dims) -> None:
    """The last two axes must exist and have the same size."""
    if len(dims) < 2:
        raise InferError(
            f"{len(dims)}-dimensional array given. Array must be at least two-dimensional"
        )
    require_equal(dims[-1], dims[-2], "Last 2 dimensions of the array must be square")


def infer_same_matrix(fun: Callable[..., Any]) -> Callable[[OpCall], Type]:
    """A square matrix, or a stack of them, that becomes another one."""

    def infer(call: OpCall) -> Type:
        (a,) = call.types
        square(a.dims)
        return with_dims(matrix_dtype(fun, a.dtype), a.dims)

    return infer


def matrix_dtype(fun: Callable[..., Any], dtype: str) -> str:
    """The dtype that a function of matrices returns; LAPACK has no float16."""
    try:
        return str(np.asarray(fun(np.ones((1, 1), dtype))).dtype.name)
    except TypeError as error:
        raise InferError(str(error)) from None


def infer_det(call: OpCall) -> Type:
    """One number for each matrix."""
    (a,) = call.types
    square(a.dims)
    return with_dims(matrix_dtype(np.linalg.det, a.dtype), a.dims[:-2])


define(
    "np.linalg.inv(a)",
    infer=infer_same_matrix(np.linalg.inv),
    cases=("np.linalg.inv(S)", "np.linalg.inv(M)"),
)
define(
    "np.linalg.det(a)",
    infer=infer_det,
    cases=("np.linalg.det(S)", "np.linalg.det(M)", "np.linalg.det(R)"),
)


def transposed(a: Any) -> Any:
    """Each matrix transposed."""
    return a.T if a.ndim == 2 else a.swapaxes(-1, -2)


def adjoint(a: Any) -> Any:
    """Each matrix transposed and conjugated."""
    return np.conj(transposed(a)) if np.iscomplexobj(a) else transposed(a)


@pullback("y = np.linalg.inv(a)", wrt="a")
def inv_a(dy: Any, y: Any) -> Any:
    return -transposed(y) @ dy @ transposed(y)


@pullback("y = np.linalg.det(a)", wrt="a")
def det_a(dy: Any, a: Any, y: Any) -> Any:
    # Raises LinAlgError for a singular matrix, though its determinant has a gradient: cofactors.
    if a.ndim == 2:
        return y * np.linalg.inv(a).T * dy
    return np.linalg.inv(a).swapaxes(-1, -2) * (y * dy)[..., None, None]


def infer_slogdet(call: OpCall) -> tuple[Type, Type]:
    """Sign and logarithm of each determinant."""
    sign = infer_det(call)
    return sign, with_dims(real_dtype(sign.dtype), sign.dims)


define(
    "np.linalg.slogdet(a)",
    infer=infer_slogdet,
    cases=("np.linalg.slogdet(S)", "np.linalg.slogdet(M)", "np.linalg.slogdet(R)"),
)


@pullback("ys = np.linalg.slogdet(a)", wrt="a")
def slogdet_a(dys: Any, a: Any, ys: Any) -> Any:
    # The sign of a real matrix is constant where it has a derivative; that of a complex one turns.
    slope = dys[1]
    if np.iscomplexobj(a):
        slope = slope + 1j * (dys[0] * ys[0]).imag
    if a.ndim == 2:
        return np.linalg.inv(a).T * slope
    return np.linalg.inv(a).swapaxes(-1, -2) * slope[..., None, None]


# ---- solve


def infer_solve(call: OpCall) -> Type:
    """A vector, or a stack of matrices whose columns are solved for."""
    a, b = call.types
    square(a.dims)
    if not b.dims:
        raise InferError("solve: Input operand 1 does not have enough dimensions")
    dtypes = {np.dtype(t.dtype) for t in call.types}
    dtype = matrix_dtype(np.linalg.inv, str(np.result_type(*dtypes).name))
    if any(d.kind not in "fc" for d in dtypes):  # an integer counts as a double here
        dtype = str(np.promote_types(dtype, "float64").name)
    if len(b.dims) == 1:
        require_equal(a.dims[-1], b.dims[-1], "solve")
        return with_dims(dtype, a.dims[:-1])
    require_equal(a.dims[-1], b.dims[-2], "solve")
    stack = broadcast_dims([a.dims[:-2], b.dims[:-2]])
    return with_dims(dtype, (*stack, *b.dims[-2:]))


define(
    "np.linalg.solve(a, b)",
    infer=infer_solve,
    cases=(
        "np.linalg.solve(S, u)",
        "np.linalg.solve(S, C)",
        "np.linalg.solve(M, u)",
        "np.linalg.solve(M, U)",
        "np.linalg.solve(M, C)",
        "np.linalg.solve(S, U)",
    ),
)


@pullback("x = np.linalg.solve(a, b)", wrt="b")
def solve_b(dx: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1 and a.ndim > 2:
        return np.linalg.solve(a.swapaxes(-1, -2), dx[..., None])[..., 0]
    return np.linalg.solve(transposed(a), dx)


@pullback("x = np.linalg.solve(a, b)", wrt="a")
def solve_a(dx: Any, a: Any, b: Any, x: Any) -> Any:
    db = solve_b(dx, a, b)
    if b.ndim == 1:
        return -np.outer(db, x) if a.ndim == 2 else -db[..., None] * x[..., None, :]
    return -db @ transposed(x)


# ---- Cholesky factor


def infer_cholesky(call: OpCall) -> Type:
    """The factor has the matrix's shape."""
    return infer_same_matrix(np.linalg.cholesky)(call)


define(
    "np.linalg.cholesky(a, upper=False)",
    infer=infer_cholesky,
    cases=(
        "np.linalg.cholesky(P)",
        "np.linalg.cholesky(P, upper=True)",
        "np.linalg.cholesky(PP)",
    ),
)


@pullback("y = np.linalg.cholesky(a)", wrt="a")
def cholesky_a(dy: Any, y: Any, upper: Any) -> Any:
    if upper:
        return adjoint(cholesky_slope(adjoint(dy), adjoint(y)))
    return cholesky_slope(dy, y)


def cholesky_slope(dL: Any, L: Any) -> Any:
    """The gradient of a matrix of which NumPy reads the lower triangle only.

    I. Murray, Differentiation of the Cholesky decomposition, arXiv:1602.07527 (2016), equation 8.
    There the matrix is kept symmetric; here an entry below the diagonal stands for both. Of a
    complex matrix it is the conjugate, and of the diagonal only the real part is read.
    """
    inner = transposed(L) @ dL
    inner = (np.tril(inner) + np.tril(inner, -1)) / 2
    inverse = np.linalg.inv(L)
    if np.iscomplexobj(L):
        both = transposed(inverse) @ inner @ np.conj(inverse)
        both = both + adjoint(both)
        return (np.tril(both) + np.tril(both, -1)) / 2
    both = transposed(inverse) @ inner @ inverse
    return np.tril(both) + np.tril(transposed(both), -1)


# ---- in forward mode


@tangent("y = np.linalg.norm(x, ord, axis)", wrt="x")
def norm_dot(x_dot: Any, x: Any, y: Any, ord: Any, axis: Any, keepdims: Any) -> Any:
    kind = norm_kind(ord, axis, x.ndim)
    if kind == "euclid":
        nonzero = np.where(y == 0, 1.0, y)
        return np.sum(conjugate(x) * x_dot, axis=axis, keepdims=keepdims) / nonzero
    if kind == "sum":
        return np.sum(direction(x) * x_dot, axis=axis, keepdims=keepdims)
    if kind == "count":
        return np.sum(np.zeros_like(x), axis=axis, keepdims=keepdims)
    if kind == "power":
        return np.sum(power_slope(x, y, ord, axis, keepdims) * x_dot, axis=axis, keepdims=keepdims)
    if kind == "largest" or kind == "smallest":
        extreme = np.abs(x) == lined_up(y, x, axis, keepdims)
        # divided first: without elements there are no ties to divide by, as in the pullback
        ties = np.sum(extreme, axis=axis, dtype=count_dtype(x.dtype), keepdims=True)
        chosen = np.where(extreme, direction(x) * x_dot, 0.0)
        return np.sum(chosen / ties, axis=axis, keepdims=keepdims)
    if kind == "values":
        slope = values_slope(np.ones_like(y), x, ord, axis, keepdims)
        return np.sum(slope * x_dot, axis=matrix_axes(axis, x.ndim), keepdims=keepdims)
    return line_growth(x_dot, x, kind == "columns", ord > 0, axis, keepdims)


def line_growth(x_dot: Any, x: Any, columns: bool, largest: bool, axis: Any, keepdims: Any) -> Any:
    """The tangent of the largest or smallest sum of absolute values of a column (or row)."""
    along, over = line_axes(axis, x.ndim, columns)
    sums = np.sum(np.abs(x), axis=along, keepdims=True)
    if largest:
        extreme = np.max(sums, axis=over, keepdims=True, initial=0.0)
    else:
        extreme = np.min(sums, axis=over, keepdims=True)
    chosen = sums == extreme
    ties = np.sum(chosen, axis=over, dtype=count_dtype(x.dtype), keepdims=True)
    growth = np.where(chosen, direction(x) * x_dot, 0.0) / ties
    return np.sum(growth, axis=(along, over), keepdims=keepdims)


@tangent("y = np.linalg.inv(a)", wrt="a")
def inv_dot(a_dot: Any, y: Any) -> Any:
    return -y @ a_dot @ y


@tangent("y = np.linalg.det(a)", wrt="a")
def det_dot(a_dot: Any, a: Any, y: Any) -> Any:
    return y * np.trace(np.linalg.inv(a) @ a_dot, axis1=-2, axis2=-1)


@tangent("ys = np.linalg.slogdet(a)", wrt="a")
def slogdet_dot(a_dot: Any, a: Any, ys: Any) -> Any:
    rate = np.trace(np.linalg.inv(a) @ a_dot, axis1=-2, axis2=-1)
    if np.iscomplexobj(a):
        return 1j * ys[0] * rate.imag, rate.real
    return 0.0 * ys[0], rate


linear("linalg.solve", "b")


@tangent("x = np.linalg.solve(a, b)", wrt="a")
def solve_a_dot(a_dot: Any, a: Any, b: Any, x: Any) -> Any:
    if b.ndim == 1 and a.ndim > 2:
        return -np.linalg.solve(a, a_dot @ x[..., None])[..., 0]
    return -np.linalg.solve(a, a_dot @ x)


@tangent("y = np.linalg.cholesky(a)", wrt="a")
def cholesky_dot(a_dot: Any, y: Any, upper: Any) -> Any:
    # the lower triangle is read; with `upper` the upper one
    if upper:
        return adjoint(cholesky_growth(adjoint(a_dot), adjoint(y)))
    return cholesky_growth(a_dot, y)


def cholesky_growth(A_dot: Any, L: Any) -> Any:
    """The tangent of the factor, equation 8 of Murray (2016) turned around."""
    if np.iscomplexobj(L):
        half = (np.tril(A_dot) + np.tril(A_dot, -1)) / 2
        symmetric = half + adjoint(half)
    else:
        symmetric = np.tril(A_dot) + transposed(np.tril(A_dot, -1))
    inverse = np.linalg.inv(L)
    inner = inverse @ symmetric @ adjoint(inverse)
    return L @ ((np.tril(inner) + np.tril(inner, -1)) / 2)


complex_too(
    "linalg.norm", "linalg.inv", "linalg.det", "linalg.slogdet", "linalg.solve",
    "linalg.cholesky",
)  # fmt: skip
