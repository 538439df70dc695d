"""Positions as data: where something holds, where it belongs, rows and columns of triangles.

The number of positions often depends on values; an axis of such a size has a size of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .registry import (
    InferError,
    NotSupported,
    Op,
    OpCall,
    composite,
    define,
    inexact,
    no_derivative,
)
from .shapes import broadcast_dims, fresh_dim, with_dims

_POSITIONS = "they are positions"


def infer_nonzero(call: OpCall) -> tuple[Type, ...]:
    """For each axis the positions along it."""
    (a,) = call.types
    if not a.dims:
        raise InferError("calling nonzero on 0d arrays is not allowed")
    count = fresh_dim("m")
    return tuple(Array("int64", (count,)) for _ in a.dims)


def infer_flatnonzero(call: OpCall) -> Type:
    """The positions in the flat array."""
    return Array("int64", (fresh_dim("m"),))


def infer_argwhere(call: OpCall) -> Type:
    """A row for each position."""
    return Array("int64", (fresh_dim("m"), Dim(len(call.types[0].dims))))


_nonzero = define(
    "np.nonzero(a)",
    infer=infer_nonzero,
    method=True,
    cases=("u[np.nonzero(u > 0)[0]]", "An[np.nonzero(An > 0.5)]", "An[(An > 0).nonzero()]"),
)
_flatnonzero = define(
    "np.flatnonzero(a)",
    infer=infer_flatnonzero,
    cases=("u[np.flatnonzero(u > 0)]", "np.ravel(A)[np.flatnonzero(A > 0.5)]"),
)
_argwhere = define(
    "np.argwhere(a)", infer=infer_argwhere, cases=("A[0, 0] * np.argwhere(A > 0.5)",)
)


def infer_digitize(call: OpCall) -> Type:
    """A bin for each value."""
    x, bins = call.types
    if len(bins.dims) != 1:
        raise InferError("bins must be a vector")
    return with_dims("int64", x.dims)


_digitize = define(
    "np.digitize(x, bins, right=False)",
    infer=infer_digitize,
    cases=("u * np.digitize(u, np.array([-1.0, 0.0, 1.0]))", "x * np.digitize(x, np.sort(u))"),
)


def infer_isin(call: OpCall) -> Type:
    """A bool for each element."""
    return Array("bool", call.types[0].dims)


_isin = define(
    "np.isin(element, test_elements, assume_unique=False, invert=False, kind=None)",
    infer=infer_isin,
    cases=("u * np.isin(np.arange(u.size), np.array([0, 2]))", "u * np.isin(u, v, invert=True)"),
)


def infer_lexsort(call: OpCall) -> Type:
    """The order of vectors of one length, the last of them the most important."""
    if any(len(t.dims) != 1 for t in call.types):
        raise NotSupported("keys that are not vectors")
    return Array("int64", broadcast_dims([t.dims for t in call.types]))


_lexsort = define(
    "np.lexsort(*keys, axis=-1)",
    infer=infer_lexsort,
    cases=("u[np.lexsort((u, np.arange(u.size) % 2))]", "u[np.lexsort((u,))]"),
)


def infer_argpartition(call: OpCall) -> Type:
    """An order along an axis."""
    (a,) = call.types
    if call["axis"] is None:
        raise NotSupported("axis=None; ravel the array")
    if call["order"] is not None:
        raise NotSupported("order=")
    return with_dims("int64", a.dims)


_argpartition = define(
    "np.argpartition(a, kth, axis=-1, kind='introselect', order=None)",
    static=("kth",),
    infer=infer_argpartition,
    method=True,
    cases=("u[np.argpartition(u, 1)]", "u[u.argpartition(2)[:2]]"),
)

for _op in (
    _nonzero, _flatnonzero, _argwhere, _digitize, _isin, _lexsort, _argpartition,
):  # fmt: skip
    no_derivative(_op, because=_POSITIONS)


# -- positions in a shape --------------------------------------------------------------------------


def infer_unravel(call: OpCall) -> tuple[Type, ...]:
    """An index along each axis."""
    (indices,) = call.types
    shape = call["shape"]
    axes = len(shape) if isinstance(shape, tuple) else 1
    return tuple(with_dims("int64", indices.dims) for _ in range(axes))


no_derivative(
    define(
        "np.unravel_index(indices, shape, order='C')",
        static=("shape",),
        infer=infer_unravel,
        cases=("A[np.unravel_index(np.argmax(A), A.shape)]",),
    ),
    because=_POSITIONS,
)


def infer_ravel(call: OpCall) -> Type:
    """One index for an index along each axis."""
    return with_dims("int64", broadcast_dims([t.dims for t in call.types]))


no_derivative(
    define(
        "np.ravel_multi_index(*multi_index, dims, mode='raise', order='C')",
        static=("dims",),
        infer=infer_ravel,
        cases=("np.ravel(A)[np.ravel_multi_index((1, 0), A.shape)]",),
    ),
    because=_POSITIONS,
)


# -- triangles and diagonals -----------------------------------------------------------------------


def infer_triangle(call: OpCall) -> tuple[Type, ...]:
    """Rows and columns; their number is known where the size is."""
    n, k, m = call["n"], call["k"], call["m"]
    known = isinstance(n, int) and isinstance(k, int) and isinstance(m, int | None)
    count = fresh_dim("m")
    if known and call.static.get("upper"):
        count = Dim(len(np.triu_indices(n, k, m)[0]))
    elif known:
        count = Dim(len(np.tril_indices(n, k, m)[0]))
    return Array("int64", (count,)), Array("int64", (count,))


def _triangle(name: str) -> Op:
    def infer(call: OpCall) -> tuple[Type, ...]:
        return infer_triangle(OpCall((), {**call.static, "upper": name == "triu"}))

    return define(
        f"np.{name}_indices(n, k=0, m=None)",
        static=("n",),
        infer=infer,
        cases=(f"S[np.{name}_indices(3)]", f"A[np.{name}_indices(A.shape[0], 1, A.shape[1])]"),
    )


no_derivative(_triangle("triu"))
no_derivative(_triangle("tril"))


@composite(np.triu_indices_from, cases=("A[np.triu_indices_from(A, 1)]",))
def triu_indices_from(arr: Any, k: Any = 0) -> Any:
    """The upper triangle of an array."""
    return np.triu_indices(arr.shape[-2], k, arr.shape[-1])


@composite(np.tril_indices_from, cases=("A[np.tril_indices_from(A)]",))
def tril_indices_from(arr: Any, k: Any = 0) -> Any:
    """The lower triangle of an array."""
    return np.tril_indices(arr.shape[-2], k, arr.shape[-1])


@composite(np.diag_indices, cases=("S[np.diag_indices(3)]",))
def diag_indices(n: Any, ndim: Any = 2) -> Any:
    """The same position along each axis."""
    i = np.arange(n)
    return (i,) * ndim


@composite(np.diag_indices_from, cases=("S[np.diag_indices_from(S)]",))
def diag_indices_from(arr: Any) -> Any:
    """The diagonal of an array."""
    i = np.arange(arr.shape[0])
    return (i,) * arr.ndim


# -- values that are there -------------------------------------------------------------------------


def infer_unique(call: OpCall) -> Type | tuple[Type, ...]:
    """The different values, then positions and counts as asked for."""
    (ar,) = call.types
    if call["axis"] is not None and len(ar.dims) > 1:
        raise NotSupported("axis= of an array that is no vector")
    count = fresh_dim("m")
    found: list[Type] = [Array(ar.dtype, (count,))]
    if call["return_index"]:
        found.append(Array("int64", (count,)))
    if call["return_inverse"]:
        found.append(with_dims("int64", ar.dims) if ar.dims else Array("int64", (Dim(1),)))
    if call["return_counts"]:
        found.append(Array("int64", (count,)))
    return found[0] if len(found) == 1 else tuple(found)


no_derivative(
    define(
        "np.unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, "
        "equal_nan=True)",
        infer=infer_unique,
        cases=("x * np.unique(np.array([2, 1, 2]))",),
    ),
    because="floats are taken at the positions that it returns",
)


@composite(
    np.unique, cases=("np.unique(u)", "np.unique(A)", "np.unique(u, return_inverse=True)[0]")
)
def unique(
    ar: Any,
    return_index: Any = False,
    return_inverse: Any = False,
    return_counts: Any = False,
    axis: Any = None,
    equal_nan: Any = True,
) -> Any:
    """The different values; floats are the elements at their first positions."""
    if not inexact(ar):
        return np.unique(ar, return_index, return_inverse, return_counts, axis, equal_nan=equal_nan)
    parts = np.unique(ar, True, return_inverse, return_counts, axis, equal_nan=equal_nan)
    values = np.ravel(ar)[parts[1]]
    rest = parts[1:] if return_index else parts[2:]
    return (values, *rest) if rest else values
