"""Functions of `scipy.linalg` by those of NumPy: systems, factors, special matrices.

Options that let SciPy overwrite an argument are ignored: nothing is overwritten.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from .decompositions import symmetric
from .language import refuse, static_helper
from .registry import composite

# ---- systems


def whole_matrix(a: Any, assume_a: Any, lower: Any) -> Any:
    """The matrix that a solver means, of which it may read one triangle."""
    if assume_a is None or assume_a == "gen" or assume_a == "general":
        return a
    if assume_a == "sym" or assume_a == "symmetric" or assume_a == "her" or assume_a == "hermitian":
        return symmetric(real_only(a), side(lower))
    if assume_a == "pos" or assume_a == "positive definite":
        return symmetric(real_only(a), side(lower))
    if assume_a == "upper triangular":
        return np.triu(a)
    if assume_a == "lower triangular":
        return np.tril(a)
    return refuse("this assume_a is not supported; leave it out")


def real_only(a: Any) -> Any:
    """The array; complex ones have other formulas."""
    if np.iscomplexobj(a):
        refuse("complex matrices are not supported here")
    return a


@static_helper
def side(lower: bool) -> Any:
    """How NumPy calls the triangle that is read."""
    return "L" if lower else "U"


def matrix_only(a: Any) -> Any:
    """The matrix; stacks of matrices are another function in SciPy than in NumPy."""
    if a.ndim != 2:
        refuse("stacks of matrices are not supported here; use np.linalg")
    return a


@composite(scipy.linalg.inv)
def inv(
    a: Any,
    overwrite_a: Any = False,
    check_finite: Any = True,
    *,
    assume_a: Any = None,
    lower: Any = False,
) -> Any:
    return np.linalg.inv(whole_matrix(a, assume_a, lower))


@composite(scipy.linalg.det)
def det(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    return np.linalg.det(a)


@composite(scipy.linalg.solve)
def solve(
    a: Any,
    b: Any,
    lower: Any = False,
    overwrite_a: Any = False,
    overwrite_b: Any = False,
    check_finite: Any = True,
    assume_a: Any = None,
    transposed: Any = False,
) -> Any:
    matrix = whole_matrix(matrix_only(a), assume_a, lower)
    return np.linalg.solve(matrix.T if transposed else matrix, b)


@composite(scipy.linalg.lstsq)
def lstsq(
    a: Any,
    b: Any,
    cond: Any = None,
    overwrite_a: Any = False,
    overwrite_b: Any = False,
    check_finite: Any = True,
    lapack_driver: Any = None,
) -> Any:
    return np.linalg.lstsq(a, b, rcond=cond)


@composite(scipy.linalg.pinv)
def pinv(
    a: Any,
    *,
    atol: Any = None,
    rtol: Any = None,
    return_rank: Any = False,
    check_finite: Any = True,
) -> Any:
    if atol is not None or return_rank:
        refuse("pinv with atol or return_rank is not supported")
    return np.linalg.pinv(a) if rtol is None else np.linalg.pinv(a, rtol)


@composite(scipy.linalg.norm)
def norm(
    a: Any, ord: Any = None, axis: Any = None, keepdims: Any = False, check_finite: Any = True
) -> Any:
    return np.linalg.norm(a, ord=ord, axis=axis, keepdims=keepdims)


# ---- factors


@composite(scipy.linalg.cholesky)
def cholesky(a: Any, lower: Any = False, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    return np.linalg.cholesky(a, upper=not lower)


@composite(scipy.linalg.cho_factor)
def cho_factor(
    a: Any, lower: Any = False, overwrite_a: Any = False, check_finite: Any = True
) -> Any:
    # the other triangle keeps what was there
    matrix = matrix_only(a)
    if lower:
        return np.linalg.cholesky(matrix) + np.triu(matrix, 1), lower
    return np.linalg.cholesky(matrix, upper=True) + np.tril(matrix, -1), lower


@composite(scipy.linalg.cho_solve)
def cho_solve(c_and_lower: Any, b: Any, overwrite_b: Any = False, check_finite: Any = True) -> Any:
    c, lower = c_and_lower
    first, second = (0, 1) if lower else (1, 0)
    half = scipy.linalg.solve_triangular(c, b, trans=first, lower=lower)
    return scipy.linalg.solve_triangular(c, half, trans=second, lower=lower)


@composite(scipy.linalg.qr)
def qr(
    a: Any,
    overwrite_a: Any = False,
    lwork: Any = None,
    mode: Any = "full",
    pivoting: Any = False,
    check_finite: Any = True,
) -> Any:
    if pivoting:
        refuse("qr with pivoting is not supported")
    if mode == "economic":
        return np.linalg.qr(matrix_only(a))
    if mode == "full":
        return np.linalg.qr(matrix_only(a), mode="complete")
    return refuse("qr is supported with mode='full' and mode='economic'")


@composite(scipy.linalg.svd)
def svd(
    a: Any,
    full_matrices: Any = True,
    compute_uv: Any = True,
    overwrite_a: Any = False,
    check_finite: Any = True,
    lapack_driver: Any = "gesdd",
) -> Any:
    return np.linalg.svd(a, full_matrices=full_matrices, compute_uv=compute_uv)


@composite(scipy.linalg.svdvals)
def svdvals(a: Any, overwrite_a: Any = False, check_finite: Any = True) -> Any:
    return np.linalg.svd(a, compute_uv=False)


@composite(scipy.linalg.eigvalsh)
def eigvalsh(
    a: Any,
    b: Any = None,
    *,
    lower: Any = True,
    overwrite_a: Any = False,
    overwrite_b: Any = False,
    type: Any = 1,
    check_finite: Any = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: Any = None,
) -> Any:
    return eigh(
        a,
        b,
        lower=lower,
        eigvals_only=True,
        type=type,
        subset_by_index=subset_by_index,
        subset_by_value=subset_by_value,
    )


@composite(scipy.linalg.eigh)
def eigh(
    a: Any,
    b: Any = None,
    *,
    lower: Any = True,
    eigvals_only: Any = False,
    overwrite_a: Any = False,
    overwrite_b: Any = False,
    type: Any = 1,
    check_finite: Any = True,
    subset_by_index: Any = None,
    subset_by_value: Any = None,
    driver: Any = None,
) -> Any:
    """By NumPy, which may give the vectors the other sign."""
    if subset_by_index is not None or subset_by_value is not None or type != 1:
        refuse("eigh with a subset or a type is not supported; index the result")
    read = side(lower)
    if b is None:
        if eigvals_only:
            return np.linalg.eigvalsh(a, read)
        w, v = np.linalg.eigh(a, read)
        return w, v
    # a v = w b v  is  (L^-1 a L^-T) (L.T v) = w (L.T v)  with  b = L L.T
    L = np.linalg.cholesky(matrix_only(b) if lower else np.triu(matrix_only(b)).T)
    half = scipy.linalg.solve_triangular(L, symmetric(matrix_only(a), read), lower=True)
    inner = scipy.linalg.solve_triangular(L, half.T, lower=True)
    if eigvals_only:
        return np.linalg.eigvalsh(inner)
    w, v = np.linalg.eigh(inner)
    return w, scipy.linalg.solve_triangular(L, v, trans=1, lower=True)


# ---- Lyapunov's equations


@composite(scipy.linalg.solve_continuous_lyapunov, scipy.linalg.solve_lyapunov)
def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    return scipy.linalg.solve_sylvester(real_only(a), a.T, q)


@composite(scipy.linalg.solve_discrete_lyapunov)
def solve_discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    twice = np.kron(real_only(a), a)
    return np.linalg.solve(np.eye(twice.shape[0]) - twice, q.ravel()).reshape(q.shape)


# ---- special matrices


def by_difference(values: Any, n: Any, m: Any) -> Any:
    """The matrix whose entry `i, j` is `values[i - j + m - 1]`."""
    return values[np.arange(n)[:, None] - np.arange(m) + (m - 1)]


@composite(scipy.linalg.toeplitz)
def toeplitz(c: Any, r: Any = None) -> Any:
    if c.ndim != 1:
        refuse("toeplitz of a vector only")
    row = real_only(c) if r is None else r
    values = np.concatenate((row[1:][::-1], c))
    return by_difference(values, c.shape[0], row.shape[0])


@composite(scipy.linalg.circulant)
def circulant(c: Any) -> Any:
    if c.ndim != 1:
        refuse("circulant of a vector only")
    n = c.shape[0]
    return c[(np.arange(n)[:, None] - np.arange(n)) % n]


@composite(scipy.linalg.hankel)
def hankel(c: Any, r: Any = None) -> Any:
    if c.ndim != 1:
        refuse("hankel of a vector only")
    row = np.zeros_like(c) if r is None else r
    values = np.concatenate((c, row[1:]))
    return values[np.arange(c.shape[0])[:, None] + np.arange(row.shape[0])]


@composite(scipy.linalg.block_diag)
def block_diag(*arrs: Any) -> Any:
    if len(arrs) == 1:
        return np.atleast_2d(arrs[0])
    first, rest = np.atleast_2d(arrs[0]), block_diag(*arrs[1:])
    above = np.concatenate((first, np.zeros((first.shape[0], rest.shape[1]))), axis=1)
    below = np.concatenate((np.zeros((rest.shape[0], first.shape[1])), rest), axis=1)
    return np.concatenate((above, below))
