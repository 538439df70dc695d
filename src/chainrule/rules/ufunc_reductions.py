"""Reductions by functions that have no reduction of their own name: `np.logaddexp.reduce`, reduceat."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array, Type
from .language import static_helper
from .reductions import lined_up, reduced_dims
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    define,
    linear,
    no_derivative,
    pullback,
    tangent,
)
from .shapes import promoted, with_dims
from .sizes import before, position, replaced

# ---- logaddexp, hypot


def infer_reduce(fun: Any) -> Any:
    """One axis, the first by default, or several, reduced."""

    def infer(call: OpCall) -> Type:
        (array,) = call.types
        if any(call[name] is not None for name in ("dtype", "out", "initial")):
            raise NotSupported("dtype=, out= and initial= are not supported here")
        axis = call.static.get("axis", 0)
        dims = reduced_dims(array.dims, axis, call["keepdims"])
        if not array.dims:
            raise InferError("cannot reduce on a scalar")
        return with_dims(promoted(fun, (array, array)), dims)

    return infer


CASES = ("(un)", "(An)", "(An, axis=1)", "(An, axis=1, keepdims=True)", "(un, axis=None)")

for _name in ("logaddexp", "hypot"):
    define(
        f"np.{_name}.reduce(array, axis=0, dtype=None, out=None, keepdims=False, initial=None)",
        infer=infer_reduce(getattr(np, _name)),
        cases=tuple(f"np.{_name}.reduce{case}" for case in CASES),
    )


def shares(array: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    """What each element is of the sum of exponentials; 0 where the sum is."""
    line = lined_up(y, array, axis, keepdims)
    finite = np.isfinite(line)
    distance = np.where(finite, array, 0.0) - np.where(finite, line, 0.0)
    return np.where(finite | (array == line), np.exp(distance), 0.0)


@pullback("y = np.logaddexp.reduce(array, axis)", wrt="array", name="logaddexp.reduce")
def logaddexp_reduce_array(dy: Any, array: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    return shares(array, y, axis, keepdims) * lined_up(dy, array, axis, keepdims)


@tangent("y = np.logaddexp.reduce(array, axis)", wrt="array", name="logaddexp.reduce")
def logaddexp_reduce_dot(array_dot: Any, array: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    return np.sum(shares(array, y, axis, keepdims) * array_dot, axis=axis, keepdims=keepdims)


@pullback("y = np.hypot.reduce(array, axis)", wrt="array", name="hypot.reduce")
def hypot_reduce_array(dy: Any, array: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    nonzero = np.where(y == 0, 1.0, y)
    return array / lined_up(nonzero, array, axis, keepdims) * lined_up(dy, array, axis, keepdims)


@tangent("y = np.hypot.reduce(array, axis)", wrt="array", name="hypot.reduce")
def hypot_reduce_dot(array_dot: Any, array: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    return np.sum(array * array_dot, axis=axis, keepdims=keepdims) / np.where(y == 0, 1.0, y)


# ---- reduceat


def infer_reduceat(call: OpCall) -> Type:
    """A sum for each index."""
    array, indices = call.types
    if call["out"] is not None or call["dtype"] is not None:
        raise NotSupported("out= and dtype= are not supported here")
    if np.dtype(indices.dtype).kind not in "iu" or len(indices.dims) != 1:
        raise InferError("indices must be a vector of integers")
    axis = position(call.static.get("axis", 0), len(array.dims))
    return Array(promoted(np.add, (array, array)), replaced(array.dims, axis, indices.dims[0]))


no_derivative(
    define(
        "np.add.reduceat(array, indices, axis=0, dtype=None, out=None)",
        infer=infer_reduceat,
        cases=(
            "np.add.reduceat(un, [0, 2])",
            "np.add.reduceat(An, [1, 2], axis=1)",
            "np.add.reduceat(An, [0, 1, 2])",
            "np.add.reduceat(un, [2])",
        ),
    ),
    "indices",
    because="it is a position",
)


@static_helper
def along_vector(axis: int, rank: int) -> tuple[int, ...]:
    """The shape of a vector along one axis."""
    return tuple(-1 if i == axis % rank else 1 for i in range(rank))


@pullback("y = np.add.reduceat(array, indices, axis)", wrt="array", name="add.reduceat")
def add_reduceat_array(dy: Any, array: Any, indices: Any, axis: Any) -> Any:
    if np.any(np.diff(indices) <= 0):
        raise NotImplementedError("np.add.reduceat: the gradient is written for growing indices")
    piece = np.searchsorted(indices, np.arange(array.shape[axis]), side="right") - 1
    covered = np.reshape(piece >= 0, along_vector(axis, array.ndim))
    taken = dy[(*before(axis, array.ndim), np.maximum(piece, 0))]
    return np.where(covered, taken, 0.0)


linear("add.reduceat", "array")
