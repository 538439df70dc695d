"""New arrays: from nested lists, constant ones, ranges, grids.

Many of these have no differentiable operand at all. Where a number goes into an array (an element
of `np.array`, a fill value, the end of a range) it gets the sum of the cotangents of its places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type, is_complex
from .expanding import check_broadcast
from .language import static_helper
from .registry import (
    OPS,
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    linear,
    no_derivative,
    pullback,
    tangent,
)
from .shapes import Dims
from .sizes import as_dim, as_dims, count, dtype_name, joined_dtype, same_dims

# ---- array, asarray


def nested(nesting: Any, types: Sequence[Type]) -> Dims:
    """The shape of a nest of operands (named by their numbers): equal at every depth."""
    if isinstance(nesting, int):
        return types[nesting].dims
    if not nesting:
        return (Dim(0),)
    try:
        inner = same_dims([nested(item, types) for item in nesting])
    except InferError:
        raise InferError("setting an array element with a sequence of another shape") from None
    return (Dim(len(nesting)), *inner)


def infer_array(call: OpCall) -> Type:
    """The nest as axes, then the axes of its leaves."""
    return Array(joined_dtype(call.types, call["dtype"]), nested(call["nesting"], call.types))


def infer_asarray(call: OpCall) -> Type:
    """The operand as an array, shared when it is one already."""
    (a,) = call.types
    return Array(dtype_name(call["dtype"], a.dtype), a.dims)


define(
    "np.array(*items, dtype=None)",
    static=("nesting",),
    infer=infer_array,
    cases=(
        "np.array([x, y])", "np.array([[x, y], [2.0, x * y]])", "np.array((u, v))",
        "np.array([[x, y, 1, 2], u])", "np.array(x)", "np.array(A)", "np.array([[A, B], [B, An]])",
        "np.array([z, x])", "np.array([[x], [y]])", "np.array([(x, x), [y, y]])",
    ),
)  # fmt: skip
define(
    "np.asarray(a, dtype=None)",
    "np.asanyarray(a, dtype=None)",
    returns="view",
    infer=infer_asarray,
    cases=("np.asarray(A)", "np.asarray(x)", "np.asarray(z)", "np.asanyarray(u)"),
)


@static_helper
def place(nesting: Any, k: int) -> tuple[int, ...]:
    """The index of operand `k` in the nest."""
    path = _find(nesting, k)
    assert path is not None
    return path


def _find(nesting: Any, k: int) -> tuple[int, ...] | None:
    if isinstance(nesting, int):
        return () if nesting == k else None
    for i, item in enumerate(nesting):
        below = _find(item, k)
        if below is not None:
            return (i, *below)
    return None


@pullback("y = np.array(items)", wrt="items")
def array_items(dy: Any, nesting: Any, k: Any) -> Any:
    index = place(nesting, k)
    return dy if len(index) == 0 else dy[index]


@pullback("y = np.asarray(a)", wrt="a", name="asarray")
def asarray_a(dy: Any) -> Any:
    return dy


# ---- constant arrays


def infer_filled(call: OpCall) -> Type:
    """The given shape, floating point unless a dtype is given."""
    return Array(dtype_name(call["dtype"], "float64"), as_dims(call["shape"]))


def infer_like(call: OpCall) -> Type:
    """The shape and dtype of the operand, where no other is given."""
    a = call.types[0]
    dims = a.dims if call["shape"] is None else as_dims(call["shape"])
    return Array(dtype_name(call["dtype"], a.dtype), dims)


def check_fill(fill: Type, dims: Dims) -> None:
    """A fill value may be an array that broadcasts to the shape."""
    if len(fill.dims) > len(dims):
        raise NotSupported("a fill value with more axes than the result")
    check_broadcast(fill.dims, dims)


def infer_full(call: OpCall) -> Type:
    """The given shape and the dtype of the fill value, where no other is given."""
    (fill,) = call.types
    dims = as_dims(call["shape"])
    check_fill(fill, dims)
    return Array(dtype_name(call["dtype"], fill.dtype), dims)


def infer_full_like(call: OpCall) -> Type:
    """The shape and dtype of the first operand."""
    result = infer_like(call)
    check_fill(call.types[1], result.dims)
    if is_complex(call.types[1]) and not is_complex(result):
        raise NotSupported(f"a complex number in an array of {result.dtype}")
    return result


for name in ("zeros", "ones", "empty"):
    # no elements where those are arbitrary
    shapes = ("(0, 3)", "0", "(2, 0)") if name == "empty" else ("(2, 3)", "4", "()")
    define(
        f"np.{name}(shape, dtype=None, order='C')",
        static=("shape",),
        infer=infer_filled,
        cases=(*(f"np.{name}({shape})" for shape in shapes), f"np.{name}(0, dtype=int)"),
    )
    first = "prototype" if name == "empty" else "a"
    some = (f"np.{name}_like(A)", f"np.{name}_like(x)", f"np.{name}_like(u, dtype=bool)")
    no_derivative(
        define(
            f"np.{name}_like({first}, dtype=None, order='K', subok=True, shape=None)",
            infer=infer_like,
            cases=(f"np.{name}_like(A, shape=(0, 2))", *(() if name == "empty" else some)),
        ),
        because="only its shape is used",
    )


@composite(np.ndarray)
def ndarray(shape: Any, dtype: Any = float) -> Any:
    return np.empty(shape, dtype)


define(
    "np.full(shape, fill_value, dtype=None, order='C')",
    static=("shape",),
    infer=infer_full,
    cases=(
        "np.full((2, 3), x)", "np.full(4, z)", "np.full((3, 4), u)", "np.full((2, 3, 4), col)",
        "np.full((), x)", "np.full(3, 2)",
    ),
)  # fmt: skip
define(
    "np.full_like(a, fill_value, dtype=None, order='K', subok=True, shape=None)",
    infer=infer_full_like,
    cases=(
        "np.full_like(A, x)", "np.full_like(A, u)", "np.full_like(T, col)", "np.full_like(x, y)",
        "np.full_like(A, z, shape=(2,))",
    ),
)  # fmt: skip
no_derivative(OPS["full_like"], "a", because="only its shape is used")


@pullback("y = np.full(shape, fill_value)", wrt="fill_value")
def full_fill_value(dy: Any) -> Any:
    return dy


@pullback("y = np.full_like(a, fill_value)", wrt="fill_value")
def full_like_fill_value(dy: Any) -> Any:
    return dy


# ---- matrices


def matrix_dims(rows: Any, columns: Any) -> Dims:
    """The shape of `eye` and the like: square unless the number of columns is given."""
    return as_dims((rows, rows if columns is None else columns))


def infer_eye(call: OpCall) -> Type:
    """N rows and M or N columns."""
    return Array(dtype_name(call["dtype"], "float64"), matrix_dims(call["N"], call["M"]))


def infer_identity(call: OpCall) -> Type:
    """A square matrix."""
    return Array(dtype_name(call["dtype"], "float64"), matrix_dims(call["n"], None))


def infer_indices(call: OpCall) -> Type | tuple[Type, ...]:
    """One grid of positions for each axis, stacked; or thin ones that broadcast."""
    dims = as_dims(call["dimensions"])
    dtype = dtype_name(call["dtype"], "float64")
    if not call["sparse"]:
        return Array(dtype, (Dim(len(dims)), *dims))
    return tuple(Array(dtype, thin(dims, i)) for i in range(len(dims)))


def thin(dims: Dims, axis: int) -> Dims:
    """All sizes 1 but one."""
    return tuple(dim if i == axis else Dim(1) for i, dim in enumerate(dims))


define(
    "np.eye(N, M=None, k=0, dtype='float', order='C')",
    static=("N",),
    infer=infer_eye,
    cases=("np.eye(3)", "np.eye(2, 4)", "np.eye(3, k=1)", "np.eye(3, 4, -1, dtype=bool)"),
)
define(
    "np.identity(n, dtype=None)",
    static=("n",),
    infer=infer_identity,
    cases=("np.identity(3)", "np.identity(2, dtype=int)"),
)
define(
    "np.tri(N, M=None, k=0, dtype='float')",
    static=("N",),
    infer=infer_eye,
    cases=("np.tri(3)", "np.tri(3, 4, -1)", "np.tri(2, k=1, dtype=int)"),
)
define(
    "np.indices(dimensions, dtype='int', sparse=False)",
    static=("dimensions",),
    infer=infer_indices,
    cases=(
        "np.indices((2, 3))",
        "np.indices((4,), dtype=float)",
        "np.indices((2, 3), sparse=True)",
    ),
)


# ---- grids


def infer_meshgrid(call: OpCall) -> tuple[Type, ...]:
    """One array for each operand, all of the shape that their sizes span."""
    if call["indexing"] not in ("xy", "ij"):
        raise InferError("Valid values for `indexing` are 'xy' and 'ij'.")
    sizes = [count(t.dims) for t in call.types]
    if call["indexing"] == "xy" and len(sizes) > 1:
        sizes[:2] = sizes[1], sizes[0]
    dims = tuple(sizes)
    results = []
    for k, t in enumerate(call.types):
        axis = axis_of(k, len(dims), call["indexing"])
        results.append(Array(t.dtype, thin(dims, axis) if call["sparse"] else dims))
    return tuple(results)


@static_helper
def axis_of(k: int, rank: int, indexing: str) -> int:
    """The axis along which the k-th grid varies: Cartesian indexing swaps the first two."""
    return 1 - k if indexing == "xy" and rank > 1 and k < 2 else k


@static_helper
def axes_but(axis: int, rank: int) -> tuple[int, ...]:
    """All axes but one."""
    return tuple(i for i in range(rank) if i != axis)


define(
    "np.meshgrid(*xi, copy=True, sparse=False, indexing='xy')",
    varargs=True,
    returns="view",
    infer=infer_meshgrid,
    cases=(
        "np.meshgrid(u, w)", "np.meshgrid(u, w, indexing='ij')", "np.meshgrid(u, w, v)",
        "np.meshgrid(u, w, sparse=True)", "np.meshgrid(u, x)", "np.meshgrid(A, w)",
        "np.meshgrid(u)", "np.meshgrid(v, w, u, indexing='ij', sparse=True)",
    ),
)  # fmt: skip


@pullback("ys = np.meshgrid(*xi, sparse, indexing)", wrt="xi")
def meshgrid_xi(dys: Any, xi: Any, sparse: Any, indexing: Any, k: Any) -> Any:
    if xi[k].ndim == 0:
        return np.sum(dys[k])
    if sparse or len(xi) == 1:
        return np.reshape(dys[k], xi[k].shape)
    others = axes_but(axis_of(k, len(xi), indexing), len(xi))
    total = np.sum(dys[k], axis=others[0] if len(others) == 1 else others)
    return total if xi[k].ndim == 1 else np.reshape(total, xi[k].shape)


def infer_vander(call: OpCall) -> Type:
    """One row of powers for each element."""
    (x,) = call.types
    if len(x.dims) != 1:
        raise InferError("x must be a one-dimensional array or sequence.")
    columns = x.dims[0] if call["N"] is None else as_dim(call["N"])
    return Array(np.promote_types(x.dtype, "int64").name, (x.dims[0], columns))


define(
    "np.vander(x, N=None, increasing=False)",
    infer=infer_vander,
    cases=(
        "np.vander(un)", "np.vander(un, 3)", "np.vander(w, 5, increasing=True)", "np.vander(u, 1)",
        "np.vander(u, N=2)",
    ),
)  # fmt: skip


@pullback("y = np.vander(x, N, increasing)", wrt="x")
def vander_x(dy: Any, y: Any, increasing: Any) -> Any:
    # the derivative of each column is its exponent times the next lower power, also at 0
    n = y.shape[1]
    if increasing:
        return np.sum(np.arange(1, n) * y[:, :-1] * dy[:, 1:], axis=1)
    return np.sum(np.arange(n - 1, 0, -1) * y[:, 1:] * dy[:, :-1], axis=1)


# ---- in forward mode

linear(("asarray", "full"))
linear("full_like", "fill_value")
linear("array", together=True)
linear("meshgrid", together=True)


@tangent("y = np.vander(x, N, increasing)", wrt="x")
def vander_dot(x_dot: Any, y: Any, increasing: Any) -> Any:
    n = y.shape[1]
    if increasing:
        slope = np.arange(1, n) * y[:, :-1]
        return np.pad(slope * x_dot[:, None], ((0, 0), (1, 0)))[:, :n]
    slope = np.arange(n - 1, 0, -1) * y[:, 1:]
    return np.pad(slope * x_dot[:, None], ((0, 0), (0, 1)))[:, :n]


complex_too(
    "array", "asarray", "zeros_like", "ones_like", "empty_like", "full", "full_like", "meshgrid",
    "vander",
)  # fmt: skip


# ---- checked


@composite(np.asarray_chkfinite, cases=("np.asarray_chkfinite(A)",))
def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    array = np.asarray(a)
    if not np.all(np.isfinite(array)):
        raise ValueError("array must not contain infs or NaNs")
    return array
