"""Functions of `scipy.linalg` that NumPy does not have: triangular systems, functions of matrices.

The slopes of functions of matrices are Fréchet derivatives: A. Al-Mohy and N. Higham, Computing the
Fréchet derivative of the matrix exponential, SIAM J. Matrix Anal. Appl. 30 (2009); those of others
stand in the corner of the function of a block matrix (R. Mathias, SIAM J. Matrix Anal. Appl. 17, 1996).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from ..ir.types import Type
from .language import static_helper
from .linalg import require_equal
from .matrix_functions import matrix_dtype, square
from .registry import (
    OPS,
    InferError,
    NotSupported,
    OpCall,
    composite,
    define,
    helper,
    linear,
    pullback,
    tangent,
)
from .shapes import with_dims

# ---- triangular systems


def flat_square(type_: Type) -> None:
    """One square matrix, no stack of them."""
    square(type_.dims)
    if len(type_.dims) != 2:
        raise NotSupported("stacks of matrices are not supported here; loop over them")


def infer_solve_triangular(call: OpCall) -> Type:
    """The shape of the right-hand side."""
    a, b = call.types
    flat_square(a)
    if len(b.dims) not in (1, 2):
        raise NotSupported("the right-hand side has to be a vector or a matrix")
    if call["trans"] not in (0, 1, 2, "N", "T", "C"):
        raise InferError("trans has to be 0, 1, 2, 'N', 'T' or 'C'")
    require_equal(a.dims[0], b.dims[0], "solve_triangular: shapes of a and b are incompatible")
    return with_dims(_dtype(a, b), b.dims)


def _dtype(*types: Type) -> str:
    """What LAPACK computes in: one precision for all."""
    dtype = np.result_type(*(np.dtype(t.dtype) for t in types)).name
    return matrix_dtype(scipy.linalg.inv, dtype)


define(
    "scipy.linalg.solve_triangular(a, b, trans=0, lower=False, unit_diagonal=False)",
    infer=infer_solve_triangular,
    cases=(
        "scipy.linalg.solve_triangular(S, u)",
        "scipy.linalg.solve_triangular(S, C, lower=True)",
        "scipy.linalg.solve_triangular(S, u, trans=1)",
        "scipy.linalg.solve_triangular(S, u, 'T', lower=True)",
        "scipy.linalg.solve_triangular(S / 9, C, lower=True, unit_diagonal=True)",
    ),
)


def is_transposed(trans: Any) -> Any:
    """Is the transposed matrix meant?"""
    return trans == 1 or trans == 2 or trans == "T" or trans == "C"


def triangle(matrix: Any, lower: Any, unit_diagonal: Any) -> Any:
    """The part of a matrix that is read."""
    if lower:
        return np.tril(matrix, -1) if unit_diagonal else np.tril(matrix)
    return np.triu(matrix, 1) if unit_diagonal else np.triu(matrix)


@pullback("x = scipy.linalg.solve_triangular(a, b, trans)", wrt="b")
def solve_triangular_b(dx: Any, a: Any, trans: Any, lower: Any, unit_diagonal: Any) -> Any:
    return scipy.linalg.solve_triangular(
        a, dx, trans=0 if is_transposed(trans) else 1, lower=lower, unit_diagonal=unit_diagonal
    )


@pullback("x = scipy.linalg.solve_triangular(a, b, trans)", wrt="a")
def solve_triangular_a(dx: Any, a: Any, x: Any, trans: Any, lower: Any, unit_diagonal: Any) -> Any:
    db = solve_triangular_b(dx, a, trans, lower, unit_diagonal)
    left, right = (x, db) if is_transposed(trans) else (db, x)
    product = np.outer(left, right) if x.ndim == 1 else left @ right.T
    return -triangle(product, lower, unit_diagonal)


linear("scipy.linalg.solve_triangular", "b")


@tangent("x = scipy.linalg.solve_triangular(a, b, trans)", wrt="a")
def solve_triangular_a_dot(
    a_dot: Any, a: Any, x: Any, trans: Any, lower: Any, unit_diagonal: Any
) -> Any:
    moved = triangle(a_dot, lower, unit_diagonal)
    moved = moved.T @ x if is_transposed(trans) else moved @ x
    return -scipy.linalg.solve_triangular(
        a, moved, trans=trans, lower=lower, unit_diagonal=unit_diagonal
    )


# ---- the exponential


def infer_same(call: OpCall) -> Type:
    """A square matrix like the given one."""
    a = call.types[0]
    flat_square(a)
    return with_dims(matrix_dtype(scipy.linalg.expm, a.dtype), a.dims)


def infer_expm_frechet(call: OpCall) -> Type:
    """The derivative alone, in double precision."""
    a, e = call.types
    flat_square(a)
    flat_square(e)
    require_equal(a.dims[0], e.dims[0], "expm_frechet: A and E have different shapes")
    if call["compute_expm"]:
        raise NotSupported("only compute_expm=False is supported; use expm for the other result")
    return with_dims("float64", a.dims)


define(
    "scipy.linalg.expm(A)",
    infer=infer_same,
    cases=("scipy.linalg.expm(R)", "scipy.linalg.expm(S / 5)"),
)
define(
    "scipy.linalg.expm_frechet(A, E, method=None, compute_expm=True)",
    infer=infer_expm_frechet,
    cases=(
        "scipy.linalg.expm_frechet(R, S, compute_expm=False)",
        "scipy.linalg.expm_frechet(S / 5, R, compute_expm=False)",
    ),
)


@pullback("y = scipy.linalg.expm(A)", wrt="A")
def expm_A(dy: Any, A: Any) -> Any:
    return scipy.linalg.expm_frechet(A.T, dy, compute_expm=False)


@tangent("y = scipy.linalg.expm(A)", wrt="A")
def expm_A_dot(A_dot: Any, A: Any) -> Any:
    return scipy.linalg.expm_frechet(A, A_dot, compute_expm=False)


@pullback("y = scipy.linalg.expm_frechet(A, E)", wrt="E")
def expm_frechet_E(dy: Any, A: Any) -> Any:
    return scipy.linalg.expm_frechet(A.T, dy, compute_expm=False)


@pullback("y = scipy.linalg.expm_frechet(A, E)", wrt="A")
def expm_frechet_A(dy: Any, A: Any, E: Any) -> Any:
    n = A.shape[0]
    moved = scipy.linalg.expm_frechet(in_corner(A, E).T, corner(dy), compute_expm=False)
    return moved[:n, :n] + moved[n:, n:]


linear("scipy.linalg.expm_frechet", "E")


@tangent("y = scipy.linalg.expm_frechet(A, E)", wrt="A")
def expm_frechet_A_dot(A_dot: Any, A: Any, E: Any) -> Any:
    n = A.shape[0]
    twice = in_corner(A_dot, np.zeros_like(A_dot))
    return scipy.linalg.expm_frechet(in_corner(A, E), twice, compute_expm=False)[:n, n:]


def in_corner(A: Any, E: Any) -> Any:
    """The block matrix whose function has a derivative of the function in its corner."""
    above = np.concatenate((A, E), axis=1)
    below = np.concatenate((np.zeros_like(A), A), axis=1)
    return np.concatenate((above, below))


def corner(E: Any) -> Any:
    """A block matrix of zeros but for its corner."""
    above = np.concatenate((np.zeros_like(E), E), axis=1)
    return np.concatenate((above, np.zeros_like(above)))


# ---- square root and logarithm


@helper(infer_same)
def real_sqrtm(A: Any) -> Any:
    """The square root of a matrix; ValueError where it is complex."""
    root = scipy.linalg.sqrtm(A)
    if np.iscomplexobj(root):
        raise ValueError("the square root of this matrix is complex, which is not supported")
    return root


@helper(infer_same)
def real_logm(A: Any) -> Any:
    """The logarithm of a matrix; ValueError where it is complex."""
    logarithm = scipy.linalg.logm(A)
    if np.iscomplexobj(logarithm):
        raise ValueError("the logarithm of this matrix is complex, which is not supported")
    return logarithm


@composite(scipy.linalg.sqrtm)
def sqrtm(A: Any) -> Any:
    """The square root, refused when it runs where it is complex."""
    return real_sqrtm(A)


@composite(scipy.linalg.logm)
def logm(A: Any) -> Any:
    """The logarithm, refused when it runs where it is complex."""
    return real_logm(A)


@pullback("y = real_sqrtm(A)", wrt="A", name="real_sqrtm")
def sqrtm_A(dy: Any, y: Any) -> Any:
    return scipy.linalg.solve_sylvester(y.T, y.T, dy)


@tangent("y = real_sqrtm(A)", wrt="A", name="real_sqrtm")
def sqrtm_A_dot(A_dot: Any, y: Any) -> Any:
    return scipy.linalg.solve_sylvester(y, y, A_dot)


@pullback("y = real_logm(A)", wrt="A", name="real_logm")
def logm_A(dy: Any, A: Any) -> Any:
    n = A.shape[0]
    return real_logm(in_corner(A.T, dy))[:n, n:]


@tangent("y = real_logm(A)", wrt="A", name="real_logm")
def logm_A_dot(A_dot: Any, A: Any) -> Any:
    n = A.shape[0]
    return real_logm(in_corner(A, A_dot))[:n, n:]


for _name in ("real_sqrtm", "real_logm"):
    OPS[_name].elementwise = False

# ---- Sylvester's equation


def infer_sylvester(call: OpCall) -> Type:
    """The shape of the right-hand side."""
    a, b, q = call.types
    flat_square(a)
    flat_square(b)
    if len(q.dims) != 2:
        raise InferError("solve_sylvester: q has to be a matrix")
    require_equal(a.dims[0], q.dims[0], "solve_sylvester: a and q")
    require_equal(b.dims[0], q.dims[1], "solve_sylvester: b and q")
    return with_dims(_dtype(a, b, q), q.dims)


define(
    "scipy.linalg.solve_sylvester(a, b, q)",
    infer=infer_sylvester,
    cases=(
        "scipy.linalg.solve_sylvester(S, S, R)",
        "scipy.linalg.solve_sylvester(S, C.T @ C, C)",
    ),
)


@pullback("x = scipy.linalg.solve_sylvester(a, b, q)", wrt="q")
def sylvester_q(dx: Any, a: Any, b: Any) -> Any:
    return scipy.linalg.solve_sylvester(a.T, b.T, dx)


@pullback("x = scipy.linalg.solve_sylvester(a, b, q)", wrt="a")
def sylvester_a(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return -scipy.linalg.solve_sylvester(a.T, b.T, dx) @ x.T


@pullback("x = scipy.linalg.solve_sylvester(a, b, q)", wrt="b")
def sylvester_b(dx: Any, a: Any, b: Any, x: Any) -> Any:
    return -x.T @ scipy.linalg.solve_sylvester(a.T, b.T, dx)


linear("scipy.linalg.solve_sylvester", "q")


@tangent("x = scipy.linalg.solve_sylvester(a, b, q)", wrt="a")
def sylvester_a_dot(a_dot: Any, a: Any, b: Any, x: Any) -> Any:
    return -scipy.linalg.solve_sylvester(a, b, a_dot @ x)


@tangent("x = scipy.linalg.solve_sylvester(a, b, q)", wrt="b")
def sylvester_b_dot(b_dot: Any, a: Any, b: Any, x: Any) -> Any:
    return -scipy.linalg.solve_sylvester(a, b, x @ b_dot)


# ---- banded systems


def infer_solve_banded(call: OpCall) -> Type:
    """The shape of the right-hand side."""
    ab, b = call.types
    below, above = call["l_and_u"]
    if len(ab.dims) != 2 or len(b.dims) not in (1, 2):
        raise NotSupported("only one banded matrix, and a vector or a matrix, are supported")
    if ab.dims[0].known not in (None, below + above + 1):
        raise InferError("invalid values for the number of lower and upper diagonals")
    require_equal(ab.dims[1], b.dims[0], "solve_banded: shapes of ab and b are not compatible")
    return with_dims(_dtype(ab, b), b.dims)


define(
    "scipy.linalg.solve_banded(l_and_u, ab, b)",
    static=("l_and_u",),
    infer=infer_solve_banded,
    cases=(
        "scipy.linalg.solve_banded((1, 1), V[:3].T + [[0.0], [5.0], [0.0]], w)",
        "scipy.linalg.solve_banded((0, 2), A + [[0.0], [0.0], [5.0]], u)",
        "scipy.linalg.solve_banded((2, 0), A + [[5.0], [0.0], [0.0]], C)",
    ),
)


@static_helper
def diagonals(l_and_u: tuple[int, int]) -> tuple[int, ...]:
    """How far each row of a banded matrix lies above the diagonal.

    >>> diagonals((1, 2))
    (2, 1, 0, -1)
    """
    below, above = l_and_u
    return tuple(range(above, -below - 1, -1))


def banded_transposed(ab: Any, l_and_u: Any) -> Any:
    """The rows of the transposed matrix."""
    above = l_and_u[1]
    rows = [np.roll(ab[above - k], -k) for k in diagonals(l_and_u)]
    return np.stack(rows[::-1])


def within(n: Any, k: Any) -> Any:
    """Which places of a row are in the matrix."""
    column = np.arange(n)
    return (column >= k) & (column < n + k)


@pullback("x = scipy.linalg.solve_banded(l_and_u, ab, b)", wrt="b")
def solve_banded_b(dx: Any, ab: Any, l_and_u: Any) -> Any:
    other = (l_and_u[1], l_and_u[0])
    return scipy.linalg.solve_banded(other, banded_transposed(ab, l_and_u), dx)


@pullback("x = scipy.linalg.solve_banded(l_and_u, ab, b)", wrt="ab")
def solve_banded_ab(dx: Any, ab: Any, x: Any, l_and_u: Any) -> Any:
    db = solve_banded_b(dx, ab, l_and_u)
    return np.stack([-band(db, x, k) for k in diagonals(l_and_u)])


def band(db: Any, x: Any, k: Any) -> Any:
    """The products of a diagonal of `db x.T`."""
    products = np.roll(db, k, axis=0) * x
    row = products if x.ndim == 1 else np.sum(products, axis=1)
    return np.where(within(x.shape[0], k), row, 0.0)


linear("scipy.linalg.solve_banded", "b")


@tangent("x = scipy.linalg.solve_banded(l_and_u, ab, b)", wrt="ab")
def solve_banded_ab_dot(ab_dot: Any, ab: Any, x: Any, l_and_u: Any) -> Any:
    above = l_and_u[1]
    moved = 0.0 * x
    for k in diagonals(l_and_u):
        row = np.where(within(x.shape[0], k), ab_dot[above - k], 0.0)
        moved = moved + np.roll(row * x if x.ndim == 1 else row[:, None] * x, -k, axis=0)
    return -scipy.linalg.solve_banded(l_and_u, ab, moved)
