"""Elements taken by integer arrays: take, and take_along_axis, which is written as indexing."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Type
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    built,
    complex_too,
    composite,
    define,
    linear,
    no_derivative,
)
from .shapes import with_dims
from .sizes import others_after, position, position_of


def as_axis(places: Any, i: Any, rank: Any) -> Any:
    """A vector as axis `i` of an array of this rank, to be broadcast along the others."""
    return places if i == rank - 1 else places[others_after(i, rank)]


def along_axis(indices: Any, shape: Any, axis: Any) -> Any:
    """The index that takes `indices` along one axis, each of the other axes at its own places."""
    axis = position_of(axis, len(shape))
    return tuple(
        indices if i == axis else as_axis(np.arange(n), i, len(shape)) for i, n in enumerate(shape)
    )


def infer_take(call: OpCall) -> Type:
    """The axes of the indices in place of the axis; without one the operand is a vector."""
    a, indices = call.types
    if call["out"] is not None:
        raise NotSupported("out= is not supported; assign the result instead")
    if call["mode"] not in (None, "raise"):
        raise NotSupported("mode= is not supported; np.clip the indices, or take them modulo")
    if np.dtype(indices.dtype).kind not in "iu":
        raise InferError("indices must be integers")
    axis = 0 if call["axis"] is None else position(call["axis"], len(a.dims))
    return with_dims(a.dtype, (*a.dims[:axis], *indices.dims, *a.dims[axis + 1 :]))


# Not `a[:, indices]`, whose elements lie in another order, and so would sum up to other last digits.
no_derivative(
    built(
        define(
            "np.take(a, indices, axis=None, out=None, mode='raise')",
            infer=infer_take,
            cases=(
                "np.take(A, k[:2], axis=0)", "np.take(A, k, axis=-1)", "np.take(u, k)",
                "np.take(A, [1, 1], axis=1)", "np.take(u, 2)", "np.take(A, -1, axis=0)",
                "np.take(T, [[0, 1], [1, 0]], axis=-1)", "np.take(v, [[0], [3]])",
            ),
        ),
        "a",
        how="transform.reverse scatters into the gradient of the array, as for an index",
    )
)  # fmt: skip


@composite(np.take, complex_too=True)
def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Any:
    if mode != "raise":
        n = a.size if axis is None else a.shape[axis]
        places = np.asarray(indices)
        folded = places % n if mode == "wrap" else np.clip(places, 0, n - 1)
        return take(a, folded, axis, out)
    if axis is None and a.ndim != 1:
        return np.take(np.ravel(a), indices, None, out, mode)
    return np.take(a, indices, axis, out, mode)


@composite(np.take_along_axis, complex_too=True)
def take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None:
        return np.ravel(arr)[indices]
    return arr[along_axis(indices, arr.shape, axis)]


linear("take", "a")

complex_too("take")
