"""Eigenvalues, singular values, QR factors, and what is computed by way of them.

The formulas are those of M. Giles, An extended collection of matrix derivative results for forward
and reverse mode algorithmic differentiation, Oxford NA-08/01 (2008), and of J. Townsend,
Differentiating the singular value decomposition (2016). Vectors that belong to equal eigenvalues or
singular values are not functions of the matrix: where the gradient of such a vector is needed the
division by the gap, which is zero, gives NaN and NumPy's warning.

Complex vectors are determined up to their phases, which LAPACK chooses. A result that depends on them
has no derivative, and its pullback raises an error. Tangents keep the phases of eigenvectors, and
those of right singular vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Type, is_complex
from .complex_parts import real_dtype
from .language import surely
from .matrix_functions import adjoint, matrix_dtype, square, transposed
from .reductions import conjugate
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    absent,
    complex_too,
    composite,
    define,
    no_derivative,
    pullback,
    tangent,
)
from .shapes import Dims, fresh_dim, with_dims


def stacked_matrices(dims: Dims) -> None:
    """There must be at least two axes."""
    if len(dims) < 2:
        raise InferError(
            f"{len(dims)}-dimensional array given. Array must be at least two-dimensional"
        )


def least(m: Dim, n: Dim) -> Dim:
    """The smaller of two sizes, a size of its own where that is not known."""
    more = n - m
    if more.known is not None:
        return m if more.known >= 0 else n
    return m if more.least else n if (m - n).least else fresh_dim("k")


def columns(values: Any) -> Any:
    """A value for each column of a matrix."""
    return values[..., None, :]


def rows(values: Any) -> Any:
    """A value for each row of a matrix."""
    return values[..., :, None]


# ---- symmetric matrices


def infer_eigvalsh(call: OpCall) -> Type:
    """A number for each row."""
    (a,) = call.types
    square(a.dims)
    if str(call["UPLO"]).upper() not in ("L", "U"):
        raise InferError("UPLO argument must be 'L' or 'U'")
    return with_dims(matrix_dtype(np.linalg.eigvalsh, a.dtype), a.dims[:-1])


def infer_eigh(call: OpCall) -> tuple[Type, Type]:
    """Eigenvalues, and the matrix of eigenvectors."""
    (a,) = call.types
    return infer_eigvalsh(call), with_dims(matrix_dtype(np.linalg.inv, a.dtype), a.dims)


define(
    "np.linalg.eigvalsh(a, UPLO='L')",
    infer=infer_eigvalsh,
    cases=(
        "np.linalg.eigvalsh(P)",
        "np.linalg.eigvalsh(PP, UPLO='U')",
        "np.linalg.eigvalsh(R)",
    ),
)
define(
    "np.linalg.eigh(a, UPLO='L')",
    infer=infer_eigh,
    cases=(
        "np.linalg.eigh(P)",
        "np.linalg.eigh(PP, 'U')",
        "np.linalg.eigh(R)[1]",
        "np.linalg.eigh(M)[0]",
        "np.linalg.eigh(P).eigenvalues",
        "np.abs(np.linalg.eigh(P)[1])",
        "np.abs(np.linalg.eigh(PP, 'U')[1])",
    ),
)


def one_triangle(both: Any, UPLO: Any) -> Any:
    """The gradient of a symmetric matrix of which one triangle is read: an entry stands for two.

    In a Hermitian matrix for itself and its conjugate; of the diagonal the real part is read.
    """
    if np.iscomplexobj(both):
        both = both + adjoint(both)
        if UPLO == "U" or UPLO == "u":
            return (np.triu(both) + np.triu(both, 1)) / 2
        return (np.tril(both) + np.tril(both, -1)) / 2
    if UPLO == "U" or UPLO == "u":
        return np.triu(both) + np.triu(transposed(both), 1)
    return np.tril(both) + np.tril(transposed(both), -1)


def symmetric(a_dot: Any, UPLO: Any) -> Any:
    """The symmetric or Hermitian matrix that one triangle stands for."""
    if np.iscomplexobj(a_dot):
        if UPLO == "U" or UPLO == "u":
            half = (np.triu(a_dot) + np.triu(a_dot, 1)) / 2
        else:
            half = (np.tril(a_dot) + np.tril(a_dot, -1)) / 2
        return half + adjoint(half)
    if UPLO == "U" or UPLO == "u":
        return np.triu(a_dot) + transposed(np.triu(a_dot, 1))
    return np.tril(a_dot) + transposed(np.tril(a_dot, -1))


def as_lower(a: Any, UPLO: Any) -> Any:
    """The matrix with the triangle that is read below the diagonal."""
    return adjoint(a) if UPLO == "U" or UPLO == "u" else a


def gaps(w: Any, moving: Any) -> Any:
    """`w[j] - w[i]`, 1 on the diagonal and for pairs that both stay where they are."""
    still = np.eye(w.shape[-1], dtype=bool) | ~(columns(moving) | rows(moving))
    return np.where(still, 1.0, columns(w) - rows(w))


def own_part(matrix: Any, diagonal: Any) -> Any:
    """The matrix with another diagonal."""
    return np.where(np.eye(matrix.shape[-1], dtype=bool), columns(diagonal), matrix)


def depends_on_phases(slope: Any, cotangent: Any) -> Any:
    """Does a result change with the phases of vectors, beyond rounding?"""
    tolerance = 1e-4 if slope.dtype == np.float32 else 1e-7
    return np.any(np.abs(slope) > tolerance * np.sum(np.abs(cotangent)))


def diagonal_of(matrix: Any) -> Any:
    """The diagonal of each matrix."""
    return np.diagonal(matrix, axis1=-2, axis2=-1)


@pullback("y = np.linalg.eigvalsh(a, UPLO)", wrt="a")
def eigvalsh_a(dy: Any, a: Any, UPLO: Any) -> Any:
    v = np.linalg.eigh(as_lower(a, UPLO))[1]
    return one_triangle(conjugate(v) * columns(dy) @ transposed(v), UPLO)


@pullback("ys = np.linalg.eigh(a, UPLO)", wrt="a")
def eigh_a(dys: Any, ys: Any, UPLO: Any) -> Any:
    dw, dv = dys
    w, v = ys
    if absent(dv):
        return one_triangle(conjugate(v) * columns(dw) @ transposed(v), UPLO)
    used = np.any(dv != 0, axis=-2)
    inner = transposed(v) @ dv
    if np.iscomplexobj(v):
        if depends_on_phases(diagonal_of(inner).imag, dv):
            raise NotImplementedError(
                "np.linalg.eigh: the result depends on the phases of complex eigenvectors, "
                "which are arbitrary"
            )
    inner = inner / gaps(w, used)
    return one_triangle(conjugate(v) @ own_part(inner, dw) @ transposed(v), UPLO)


@tangent("y = np.linalg.eigvalsh(a, UPLO)", wrt="a")
def eigvalsh_dot(a_dot: Any, a: Any, UPLO: Any) -> Any:
    v = np.linalg.eigh(as_lower(a, UPLO))[1]
    return np.sum(conjugate(v) * (symmetric(a_dot, UPLO) @ v), axis=-2)


@tangent("ys = np.linalg.eigh(a, UPLO)", wrt="a")
def eigh_dot(a_dot: Any, ys: Any, UPLO: Any) -> Any:
    w, v = ys
    inner = adjoint(v) @ symmetric(a_dot, UPLO) @ v
    w_dot = np.diagonal(inner, axis1=-2, axis2=-1)
    still = own_part(inner, 0.0 * w)
    return w_dot, v @ (still / gaps(w, np.any(still != 0, axis=-2)))


# ---- matrices without symmetry


def infer_eig(call: OpCall) -> tuple[Type, Type]:
    """Eigenvalues, and the matrix of eigenvectors, of a complex matrix."""
    (a,) = call.types
    square(a.dims)
    if not is_complex(a):
        raise NotSupported(
            "a real matrix, whose eigenvalues are real or complex by their values: "
            "use a.astype(complex)"
        )
    return with_dims(a.dtype, a.dims[:-1]), with_dims(a.dtype, a.dims)


def infer_eigvals(call: OpCall) -> Type:
    """The eigenvalues alone."""
    return infer_eig(call)[0]


define(
    "np.linalg.eig(a)",
    infer=infer_eig,
    cases=(
        "np.linalg.eig(R + 0j)[0]",
        "np.abs(np.linalg.eig(S + 0j)[1])",
        "np.linalg.eig(M * (1 + 0.1j)).eigenvalues",
    ),
)
define(
    "np.linalg.eigvals(a)",
    infer=infer_eigvals,
    cases=("np.linalg.eigvals(R + 0j)", "np.linalg.eigvals(M * (1 + 0.1j))"),
)


def similar(inner: Any, v: Any) -> Any:
    """The gradient of a matrix by that of itself in the basis of its eigenvectors."""
    return np.linalg.solve(transposed(v), inner @ transposed(v))


def vectors_of(a: Any, w: Any) -> Any:
    """The eigenvectors in the order of the eigenvalues `w`."""
    if surely(w.shape[-1], 0):
        return a
    values, vectors = np.linalg.eig(a)
    order = np.argmin(np.abs(rows(w) - columns(values)), axis=-1)
    return np.take_along_axis(vectors, columns(order), axis=-1)


@pullback("y = np.linalg.eigvals(a)", wrt="a")
def eigvals_a(dy: Any, a: Any, y: Any) -> Any:
    v = vectors_of(a, y)
    return similar(np.eye(v.shape[-1]) * columns(dy), v)


@pullback("ys = np.linalg.eig(a)", wrt="a")
def eig_a(dys: Any, ys: Any) -> Any:
    dw, dv = dys
    w, v = ys
    if absent(dv):
        return similar(np.eye(v.shape[-1]) * columns(dw), v)
    inner = transposed(v) @ dv
    own = diagonal_of(inner)
    if depends_on_phases(own.imag, dv):
        raise NotImplementedError(
            "np.linalg.eig: the result depends on the phases of complex eigenvectors, "
            "which are arbitrary"
        )
    # the vectors keep their length
    inner = inner - np.conj(adjoint(v) @ v) * columns(own)
    return similar(own_part(inner / gaps(w, np.any(dv != 0, axis=-2)), dw), v)


@tangent("y = np.linalg.eigvals(a)", wrt="a")
def eigvals_dot(a_dot: Any, a: Any, y: Any) -> Any:
    v = vectors_of(a, y)
    return diagonal_of(np.linalg.solve(v, a_dot @ v))


@tangent("ys = np.linalg.eig(a)", wrt="a")
def eig_dot(a_dot: Any, ys: Any) -> Any:
    w, v = ys
    inner = np.linalg.solve(v, a_dot @ v)
    still = own_part(inner, 0.0 * w)
    moved = v @ (still / gaps(w, np.any(still != 0, axis=-2)))
    return diagonal_of(inner), moved - v * columns(np.sum(np.conj(v) * moved, axis=-2))


# ---- singular values


def infer_svd(call: OpCall) -> Type | tuple[Type, ...]:
    """Left vectors, values, and right vectors in rows; only the values with compute_uv=False."""
    (a,) = call.types
    stacked_matrices(a.dims)
    if call["hermitian"]:
        raise NotSupported("hermitian=True is not supported; leave it out, or use np.linalg.eigh")
    dtype = matrix_dtype(np.linalg.svdvals, a.dtype)
    *batch, m, n = a.dims
    k = least(m, n)
    values = with_dims(dtype, (*batch, k))
    if not call.static.get("compute_uv", True):
        return values
    whole = call.static.get("full_matrices", True)
    left, right = (m, n) if whole else (k, k)
    kind = matrix_dtype(np.linalg.inv, a.dtype)
    return with_dims(kind, (*batch, m, left)), values, with_dims(kind, (*batch, right, n))


define(
    "np.linalg.svd(a, full_matrices=True, compute_uv=True, hermitian=False)",
    infer=infer_svd,
    cases=(
        "np.linalg.svd(S)",
        "np.linalg.svd(A, full_matrices=False)",
        "np.linalg.svd(A.T, full_matrices=False)[0]",
        "np.linalg.svd(A, False)[2]",
        "np.linalg.svd(A)[1]",
        "np.linalg.svd(M)[1]",
        "np.linalg.svd(U, full_matrices=False)",
        "np.linalg.svd(T, full_matrices=False)[2]",
        "np.abs(np.linalg.svd(A, False)[2])",
        "np.abs(np.linalg.svd(A.T, full_matrices=False)[0])",
        "np.linalg.svd(A, compute_uv=False)",
        "np.linalg.svd(T, compute_uv=False)",
        "np.linalg.svd(S).S",
    ),
)


@composite(
    np.linalg.svdvals, cases=("np.linalg.svdvals(A)", "np.linalg.svdvals(T)"), complex_too=True
)
def svdvals(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False)


def from_values(ds: Any, a: Any) -> Any:
    """The gradient of singular values alone."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return conjugate(u * columns(ds) @ vh)


@pullback("ys = np.linalg.svd(a, full_matrices, compute_uv)", wrt="a")
def svd_a(dys: Any, ys: Any, a: Any, full_matrices: Any, compute_uv: Any) -> Any:
    if not compute_uv:
        return from_values(dys, a)
    u, s, vh = ys
    du, ds, dvh = dys
    if absent(du) and absent(dvh):
        if full_matrices:
            k = s.shape[-1]
            return conjugate(u[..., :k] * columns(ds) @ vh[..., :k, :])
        return conjugate(u * columns(ds) @ vh)
    if full_matrices:
        # LAPACK completes the basis as it likes: what depends on that has no derivative.
        k = s.shape[-1]
        if np.any(du[..., k:] != 0) | np.any(dvh[..., k:, :] != 0):
            raise NotImplementedError(
                "np.linalg.svd: singular vectors of zero have no derivative: "
                "use full_matrices=False"
            )
        return svd_slope(du[..., :k], ds, dvh[..., :k, :], u[..., :k], s, vh[..., :k, :])
    return svd_slope(du, ds, dvh, u, s, vh)


def svd_slope(du: Any, ds: Any, dvh: Any, u: Any, s: Any, vh: Any) -> Any:
    """The pullback of the thin decomposition.

    Complex vectors are free in their phase; it is taken to be that of `vh` which stays.
    """
    used = np.any(du != 0, axis=-2) | np.any(dvh != 0, axis=-1)
    spread = gaps(s * s, used)
    left = transposed(u) @ du
    right = conjugate(vh @ transposed(dvh))
    if np.iscomplexobj(u):
        phases = diagonal_of(left).imag + diagonal_of(right).imag
        if depends_on_phases(phases, du) & depends_on_phases(phases, dvh):
            raise NotImplementedError(
                "np.linalg.svd: the result depends on the phases of complex singular vectors, "
                "which are arbitrary"
            )
    turned = (left - adjoint(left)) / spread * columns(s)
    turned = turned + rows(s) * ((right - adjoint(right)) / spread)
    # what leaves the space of the vectors; nothing for square matrices, whose s may be zero
    size = np.where(s == 0, 1.0, s)
    own = ds + 1j * diagonal_of(left).imag / size if np.iscomplexobj(u) else ds
    u, v = conjugate(u), conjugate(vh)
    outside = (dvh - dvh @ transposed(vh) @ v) / rows(size)
    beside = (du - u @ left) / columns(size)
    return u @ (own_part(turned, own) @ v + outside) + beside @ v


@tangent("ys = np.linalg.svd(a, full_matrices, compute_uv)", wrt="a")
def svd_dot(a_dot: Any, ys: Any, a: Any, full_matrices: Any, compute_uv: Any) -> Any:
    if not compute_uv:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        return np.sum(conjugate(u) * (a_dot @ adjoint(vh)), axis=-2)
    u, s, vh = ys
    if full_matrices:
        k = s.shape[-1]
        u_dot, s_dot, vh_dot = svd_growth(a_dot, u[..., :k], s, vh[..., :k, :])
        # what completes the basis has no derivative
        u_dot = np.concatenate((u_dot, np.nan * u[..., k:]), axis=-1)
        return u_dot, s_dot, np.concatenate((vh_dot, np.nan * vh[..., k:, :]), axis=-2)
    return svd_growth(a_dot, u, s, vh)


def svd_growth(a_dot: Any, u: Any, s: Any, vh: Any) -> Any:
    """The tangents of the thin decomposition."""
    inner = adjoint(u) @ a_dot @ adjoint(vh)
    s_dot = np.diagonal(inner, axis1=-2, axis2=-1)
    still = own_part(inner, 0.0 * s)
    spread = gaps(s * s, np.any((still != 0) | (transposed(still) != 0), axis=-2))
    left = (still * columns(s) + rows(s) * adjoint(still)) / spread
    right = (rows(s) * still + adjoint(still) * columns(s)) / spread
    size = np.where(s == 0, 1.0, s)
    if np.iscomplexobj(u):
        left = own_part(left, 1j * s_dot.imag / size)
    beside = (a_dot @ adjoint(vh) - u @ inner) / columns(size)
    outside = (adjoint(u) @ a_dot - inner @ vh) / rows(size)
    return u @ left + beside, s_dot, adjoint(right) @ vh + outside


# ---- QR


def infer_qr(call: OpCall) -> Type | tuple[Type, ...]:
    """An orthogonal factor and a triangular one; only that with mode='r'."""
    (a,) = call.types
    stacked_matrices(a.dims)
    mode = call.static.get("mode", "reduced")
    if mode not in ("reduced", "complete", "r"):
        if mode in ("raw", "full", "economic", "f", "e"):
            raise NotSupported(f"mode={mode!r} is not supported; use 'reduced'")
        raise InferError(f"Unrecognized mode '{mode}'")
    dtype = matrix_dtype(np.linalg.inv, a.dtype)
    *batch, m, n = a.dims
    k = m if mode == "complete" else least(m, n)
    r = with_dims(dtype, (*batch, k, n))
    return r if mode == "r" else (with_dims(dtype, (*batch, m, k)), r)


define(
    "np.linalg.qr(a, mode='reduced')",
    infer=infer_qr,
    cases=(
        "np.linalg.qr(S)",
        "np.linalg.qr(V)",
        "np.linalg.qr(A)",
        "np.linalg.qr(A)[0]",
        "np.linalg.qr(T)[1]",
        "np.linalg.qr(Q)",
        "np.linalg.qr(V, mode='r')",
        "np.linalg.qr(A, 'r')",
        "np.linalg.qr(A, mode='complete')[1]",
        "np.linalg.qr(V, mode='complete')[1]",
        "np.linalg.qr(S).R",
    ),
)


@pullback("ys = np.linalg.qr(a, mode)", wrt="a")
def qr_a(dys: Any, ys: Any, a: Any, mode: Any) -> Any:
    if mode == "r":
        q, r = np.linalg.qr(a)
        return qr_slope(np.zeros_like(q), dys, q, r, a)
    q, r = ys
    dq, dr = dys
    if mode == "complete":
        k = np.minimum(a.shape[-2], a.shape[-1])
        if np.any(dq[..., k:] != 0):
            raise NotImplementedError(
                "np.linalg.qr: what completes the basis has no derivative: use mode='reduced'"
            )
        return qr_slope(dq[..., :k], dr[..., :k, :], q[..., :k], r[..., :k, :], a)
    return qr_slope(dq, dr, q, r, a)


def qr_slope(dq: Any, dr: Any, q: Any, r: Any, a: Any) -> Any:
    """The pullback for a matrix of any shape.

    The columns from the number of rows on are `q` times those of `r`.
    """
    k = q.shape[-1]
    dq = dq + conjugate(a[..., k:] @ transposed(dr[..., k:]))
    first = r[..., :k]
    inner = first @ transposed(dr[..., :k]) - transposed(dq) @ q
    q = conjugate(q)
    both = symmetric(inner, "L")
    da = transposed(np.linalg.solve(first, transposed(dq + q @ conjugate(both))))
    return np.concatenate((da, q @ dr[..., k:]), axis=-1)


@tangent("ys = np.linalg.qr(a, mode)", wrt="a")
def qr_dot(a_dot: Any, ys: Any, a: Any, mode: Any) -> Any:
    if mode == "r":
        q, r = np.linalg.qr(a)
        return qr_growth(a_dot, q, r)[1]
    q, r = ys
    if mode == "complete":
        k = np.minimum(a.shape[-2], a.shape[-1])
        q_dot, r_dot = qr_growth(a_dot, q[..., :k], r[..., :k, :])
        # what completes the basis has no derivative
        q_dot = np.concatenate((q_dot, np.nan * q[..., k:]), axis=-1)
        return q_dot, np.concatenate((r_dot, np.zeros_like(r[..., k:, :])), axis=-2)
    return qr_growth(a_dot, q, r)


def qr_growth(a_dot: Any, q: Any, r: Any) -> Any:
    """The tangents of both factors."""
    k = q.shape[-1]
    first = r[..., :k]
    moved = transposed(np.linalg.solve(transposed(first), transposed(a_dot[..., :k])))
    inner = adjoint(q) @ moved
    low = np.tril(inner, -1)
    turned = low - adjoint(low)
    if np.iscomplexobj(q):  # the diagonal of r is real
        turned = own_part(turned, 1j * diagonal_of(inner).imag)
    q_dot = q @ (turned - inner) + moved
    r_dot = (inner - turned) @ first
    rest = adjoint(q) @ a_dot[..., k:] - turned @ r[..., k:]
    return q_dot, np.concatenate((r_dot, rest), axis=-1)


# ---- pseudo-inverse, least squares


def infer_pinv(call: OpCall) -> Type:
    """Each matrix turned over."""
    (a,) = call.types
    stacked_matrices(a.dims)
    if call["hermitian"]:
        raise NotSupported("hermitian=True is not supported; leave it out")
    *batch, m, n = a.dims
    return with_dims(matrix_dtype(np.linalg.pinv, a.dtype), (*batch, n, m))


define(
    "np.linalg.pinv(a, rcond=None, hermitian=False, rtol=None)",
    infer=infer_pinv,
    cases=(
        "np.linalg.pinv(A)",
        "np.linalg.pinv(V)",
        "np.linalg.pinv(S)",
        "np.linalg.pinv(T)",
        "np.linalg.pinv(A, 1e-8)",
    ),
)


@pullback("y = np.linalg.pinv(a)", wrt="a")
def pinv_a(dy: Any, a: Any, y: Any) -> Any:
    # G. Golub and V. Pereyra (1973); the rank stays as it is, else there is no derivative
    turned, dturned = transposed(y), transposed(dy)
    right = dturned @ y @ adjoint(y)
    left = adjoint(y) @ y @ dturned
    beside = right - a @ (y @ right) + left - left @ y @ a
    return conjugate(beside) - turned @ dy @ turned


@tangent("y = np.linalg.pinv(a)", wrt="a")
def pinv_dot(a_dot: Any, a: Any, y: Any) -> Any:
    turned = adjoint(a_dot)
    right = y @ adjoint(y) @ turned
    left = turned @ adjoint(y) @ y
    return right - right @ a @ y + left - y @ (a @ left) - y @ a_dot @ y


def infer_lstsq(call: OpCall) -> tuple[Type, ...]:
    """The solution, squared residuals (none where the rank is not full), rank, singular values."""
    a, b = call.types
    if len(a.dims) != 2:
        raise InferError(f"{len(a.dims)}-dimensional array given. Array must be two-dimensional")
    if len(b.dims) not in (1, 2):
        raise InferError("Incompatible dimensions")
    dtype = matrix_dtype(np.linalg.inv, str(np.result_type(a.dtype, b.dtype).name))
    m, n = a.dims
    return (
        with_dims(dtype, (n, *b.dims[1:])),
        with_dims(real_dtype(dtype), (fresh_dim("r"),)),
        with_dims("int32", ()),
        with_dims(real_dtype(dtype), (least(m, n),)),
    )


define(
    "np.linalg.lstsq(a, b, rcond=None)",
    infer=infer_lstsq,
    cases=(
        "np.linalg.lstsq(V, u)[0]",
        "np.linalg.lstsq(A, w)[0]",
        "np.linalg.lstsq(V, S)[0]",
        "np.linalg.lstsq(S, C, rcond=None)[0]",
        "np.linalg.lstsq(V, u)[3]",
    ),
)


def as_columns(b: Any) -> Any:
    """A vector as a matrix of one column."""
    return b[:, None] if b.ndim == 1 else b


def squares_slope(dsquares: Any, residual: Any) -> Any:
    """What the residuals get by way of their squares, which are left out for a low rank."""
    n = residual.shape[1]
    return 2 * conjugate(residual) * np.concatenate((dsquares, np.zeros(n, dsquares.dtype)))[:n]


@pullback("ys = np.linalg.lstsq(a, b)", wrt="b")
def lstsq_b(dys: Any, a: Any, b: Any, ys: Any) -> Any:
    dx = dys[0]
    if absent(dys[1]):
        return np.linalg.pinv(a).T @ dx
    beside = np.reshape(squares_slope(dys[1], as_columns(b - a @ ys[0])), b.shape)
    return beside if absent(dx) else np.linalg.pinv(a).T @ dx + beside


@pullback("ys = np.linalg.lstsq(a, b)", wrt="a")
def lstsq_a(dys: Any, a: Any, b: Any, ys: Any) -> Any:
    x = as_columns(ys[0])
    residual = as_columns(b) - a @ x
    da = solution_slope(as_columns(dys[0]), a, x, residual)
    if not absent(dys[1]):
        da = da - squares_slope(dys[1], residual) @ x.T
    if not absent(dys[3]):
        da = da + from_values(dys[3], a)
    return da


def solution_slope(dx: Any, a: Any, x: Any, residual: Any) -> Any:
    """The pullback of the solution, that of `np.linalg.pinv(a) @ b`."""
    inverse = np.linalg.pinv(a)
    db = inverse.T @ dx
    beside = dx - a.T @ db
    inside = conjugate(residual) @ (inverse @ conjugate(db)).T
    return inside + inverse.T @ conjugate(x) @ adjoint(beside) - db @ x.T


@tangent("ys = np.linalg.lstsq(a, b)", wrt="b")
def lstsq_b_dot(b_dot: Any, a: Any, b: Any, ys: Any) -> Any:
    squares = 2 * np.sum(as_columns(conjugate(b - a @ ys[0]) * b_dot), axis=0)
    return np.linalg.pinv(a) @ b_dot, squares[: ys[1].shape[0]], ys[2], 0.0 * ys[3]


@tangent("ys = np.linalg.lstsq(a, b)", wrt="a")
def lstsq_a_dot(a_dot: Any, a: Any, b: Any, ys: Any) -> Any:
    x = ys[0]
    residual, moved = b - a @ x, a_dot @ x
    inverse = np.linalg.pinv(a)
    outside = adjoint(a_dot) @ (adjoint(inverse) @ x)
    within = inverse @ (adjoint(inverse) @ (adjoint(a_dot) @ residual)) - inverse @ moved
    squares = -2 * np.sum(as_columns(conjugate(residual) * moved), axis=0)
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    s_dot = np.sum(conjugate(u) * (a_dot @ adjoint(vh)), axis=0)
    x_dot = within + outside - inverse @ (a @ outside)
    return x_dot, squares[: ys[1].shape[0]], ys[2], s_dot


# ---- data


def infer_rank(call: OpCall) -> Type:
    """A whole number for each matrix."""
    dims = call.types[0].dims
    return with_dims("int64", dims[:-2])


no_derivative(
    define(
        "np.linalg.matrix_rank(A, tol=None, hermitian=False, rtol=None)",
        infer=infer_rank,
        cases=("np.linalg.matrix_rank(A)", "np.linalg.matrix_rank(T)", "np.linalg.matrix_rank(u)"),
    ),
    because="it counts",
)

complex_too(
    "linalg.eigvalsh", "linalg.eigh", "linalg.eig", "linalg.eigvals", "linalg.svd", "linalg.qr",
    "linalg.pinv", "linalg.lstsq", "linalg.matrix_rank",
)  # fmt: skip
