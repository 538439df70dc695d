"""Axes of length 1, made and dropped, and broadcasting along them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim, unify
from ..ir.types import Array, Type
from .registry import InferError, NotSupported, OpCall, complex_too, define, linear, pullback
from .shape import like
from .shapes import Dims, broadcast_dims, normalized
from .sizes import as_dims, kept, positions

# ---- axes of length 1


def infer_expand_dims(call: OpCall) -> Type:
    """New axes of length 1, at these places of the result."""
    (a,) = call.types
    axes = call["axis"] if isinstance(call["axis"], tuple | list) else (call["axis"],)
    places = normalized(tuple(axes), len(a.dims) + len(axes))
    dims = iter(a.dims)
    rank = len(a.dims) + len(places)
    return Array(a.dtype, tuple(Dim(1) if i in places else next(dims) for i in range(rank)))


def infer_squeeze(call: OpCall) -> Type:
    """Without the given axes of length 1, or without all of them."""
    (a,) = call.types
    axis = call["axis"]
    if not a.dims:
        if axis not in (None, 0, -1, ()):
            raise InferError(f"axis {axis} is out of bounds for array of dimension 0")
        return kept(call, ())
    if axis is None:
        if any(dim.maybe_one and dim.known is None for dim in a.dims):
            raise NotSupported("which axes have length 1 is not known: name them with axis=")
        return kept(call, tuple(dim for dim in a.dims if dim.known != 1))
    axes = positions(axis, len(a.dims))
    if not all(a.dims[i].maybe_one for i in axes):
        raise InferError("cannot select an axis to squeeze out which has size not equal to one")
    return kept(call, tuple(dim for i, dim in enumerate(a.dims) if i not in axes))


def infer_atleast_1d(call: OpCall) -> Type:
    """A scalar becomes a vector of length 1."""
    (a,) = call.types
    return Array(a.dtype, a.dims or (Dim(1),))


def infer_atleast_2d(call: OpCall) -> Type:
    """A vector becomes a row."""
    (a,) = call.types
    return Array(a.dtype, (Dim(1),) * (2 - len(a.dims)) + a.dims)


def infer_atleast_3d(call: OpCall) -> Type:
    """A vector becomes the middle axis, a matrix the first two."""
    (a,) = call.types
    dims = (Dim(1), a.dims[0]) if len(a.dims) == 1 else a.dims
    return Array(a.dtype, dims + (Dim(1),) * (3 - len(dims)))


define(
    "np.expand_dims(a, axis)",
    static=("axis",),
    returns="view",
    infer=infer_expand_dims,
    cases=(
        "np.expand_dims(u, 0)", "np.expand_dims(u, -1)", "np.expand_dims(A, 1)",
        "np.expand_dims(A, (0, -1))", "np.expand_dims(x, 0)", "np.expand_dims(z, (0, 1))",
        "np.expand_dims(z, ())",
    ),
)  # fmt: skip
define(
    "np.squeeze(a, axis=None)",
    method=True,
    returns="view",
    infer=infer_squeeze,
    cases=(
        "np.squeeze(row)", "np.squeeze(col, axis=1)", "np.squeeze(col, axis=-1)",
        "np.squeeze(A)", "np.squeeze(row, axis=(0,))", "np.squeeze(x)", "np.squeeze(z)",
        "row.squeeze()",
    ),
)  # fmt: skip
define(
    "np.atleast_1d(a)",
    returns="view",
    infer=infer_atleast_1d,
    cases=("np.atleast_1d(x)", "np.atleast_1d(z)", "np.atleast_1d(u)", "np.atleast_1d(A)"),
)
define(
    "np.atleast_2d(a)",
    returns="view",
    infer=infer_atleast_2d,
    cases=("np.atleast_2d(x)", "np.atleast_2d(u)", "np.atleast_2d(A)", "np.atleast_2d(T)"),
)
define(
    "np.atleast_3d(a)",
    returns="view",
    infer=infer_atleast_3d,
    cases=(
        "np.atleast_3d(x)", "np.atleast_3d(u)", "np.atleast_3d(A)", "np.atleast_3d(T)",
    ),
)  # fmt: skip


@pullback("y = np.expand_dims(a, axis)", wrt="a")
def expand_dims_a(dy: Any, a: Any, axis: Any) -> Any:
    if a.ndim == 0:
        return like(dy, a)
    return np.squeeze(dy, axis)


@pullback("y = np.squeeze(a, axis)", wrt="a")
def squeeze_a(dy: Any, a: Any, axis: Any) -> Any:
    if a.ndim == 0:
        return dy
    if axis is None:
        return np.reshape(dy, a.shape)
    return np.expand_dims(dy, axis)


@pullback("y = np.atleast_1d(a)", wrt="a")
def atleast_1d_a(dy: Any, a: Any) -> Any:
    return dy[0] if a.ndim == 0 else dy


@pullback("y = np.atleast_2d(a)", wrt="a")
def atleast_2d_a(dy: Any, a: Any) -> Any:
    if a.ndim < 2:
        return dy[0] if a.ndim == 1 else dy[0, 0]
    return dy


@pullback("y = np.atleast_3d(a)", wrt="a")
def atleast_3d_a(dy: Any, a: Any) -> Any:
    if a.ndim == 2:
        return dy[:, :, 0]
    if a.ndim == 1:
        return dy[0, :, 0]
    return dy[0, 0, 0] if a.ndim == 0 else dy


# ---- broadcasting


def check_broadcast(dims: Dims, shape: Dims) -> None:
    """Does an array of shape `dims` fit into `shape`? Sizes that must agree are merged."""
    fits = len(dims) <= len(shape)
    for dim, to in zip(reversed(dims), reversed(shape), strict=False):
        if not dim.maybe_one:
            fits = unify(dim, to) and fits
    if not fits:
        raise InferError(f"an array of shape {dims} does not broadcast to shape {shape}")


def infer_broadcast_to(call: OpCall) -> Type:
    """The target shape, where the operand fits into it."""
    (a,) = call.types
    shape = as_dims(call["shape"])
    check_broadcast(a.dims, shape)
    return Array(a.dtype, shape)


def infer_broadcast_arrays(call: OpCall) -> tuple[Type, ...]:
    """Every operand in the shape that all of them broadcast to."""
    dims = broadcast_dims([t.dims for t in call.types])
    return tuple(Array(t.dtype, dims) for t in call.types)


define(
    "np.broadcast_to(array, shape, subok=False)",
    static=("shape",),
    returns="view",
    infer=infer_broadcast_to,
    cases=(
        "np.broadcast_to(u, (3, 4))", "np.broadcast_to(row, (3, 4))", "np.broadcast_to(x, (2, 3))",
        "np.broadcast_to(col, (2, 3, 4))", "np.broadcast_to(A, (3, 4))", "np.broadcast_to(z, 3)",
        "np.broadcast_to(z, ())", "np.broadcast_to(row, (2, 1, 4))",
    ),
)  # fmt: skip
define(
    "np.broadcast_arrays(*args, subok=False)",
    varargs=True,
    returns="view",
    infer=infer_broadcast_arrays,
    cases=(
        "np.broadcast_arrays(A, u)", "np.broadcast_arrays(row, col)",
        "np.broadcast_arrays(x, T, col)", "np.broadcast_arrays(u, v)",
    ),
)  # fmt: skip


@pullback("y = np.broadcast_to(array, shape)", wrt="array")
def broadcast_to_array(dy: Any) -> Any:
    return dy


@pullback("ys = np.broadcast_arrays(*args)", wrt="args")
def broadcast_arrays_args(dys: Any, k: Any) -> Any:
    return dys[k]


linear(("expand_dims", "squeeze", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_to"))
linear("broadcast_arrays", together=True)

complex_too(
    "expand_dims", "squeeze", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_to",
    "broadcast_arrays",
)  # fmt: skip
