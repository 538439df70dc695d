"""The same numbers in another shape or order of axes: reshape, ravel, transpose and the like.

None of these looks at a value, so a pullback brings the cotangent back into the operand's shape and
keeps nothing but sizes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.dims import Dim, product, unify
from ..ir.types import Array, Type
from .language import static_helper
from .registry import InferError, NotSupported, OpCall, complex_too, define, linear, pullback
from .shapes import Dims, fresh_dim
from .sizes import (
    as_dim,
    count,
    divided,
    kept,
    position,
    positions,
    replaced,
)


def like(d: Any, a: Any) -> Any:
    """The cotangent with the shape of `a`, which has as many elements."""
    if d.ndim == a.ndim < 2:
        return d
    if a.ndim == 0:
        return d[(0,) * d.ndim]
    return np.reshape(d, a.shape)


# ---- reshape, ravel, flatten


def require_c_order(call: OpCall) -> None:
    """Refuse Fortran order, and orders that depend on how an array lies in memory."""
    if call["order"] not in (None, "C"):
        raise NotSupported(f"order={call['order']!r}; only order='C' is supported")


def without_common(dims: Dims, others: Dims) -> tuple[Dims, Dims]:
    """Both shapes without the sizes that they share, since those cancel in a product."""
    left, right = list(dims), []
    for dim in others:
        if dim in left and dim.known != 0:
            left.remove(dim)
        else:
            right.append(dim)
    return tuple(left), tuple(right)


def same_count(have: Dims, want: Dims) -> bool:
    """Can both shapes hold the same number of elements? Sizes that must agree are merged."""
    if len(have) == len(want) == 1:
        return unify(have[0], want[0])
    size, part = product(have), product(want)
    if size is None or part is None or size.known is None or part.known is None:
        return True
    return size == part


def remaining(have: Dims, want: Dims) -> Dim | None:
    """The size that -1 stands for, None when there is none."""
    if not want:
        return count(have)
    size, part = product(have), product(want)
    if part is not None and part.known == 0:
        return None
    if size is None or part is None or part.known is None:
        return fresh_dim("m")
    rest = divided(size, part.known)
    return fresh_dim("m") if rest is None and size.known is None else rest


def reshaped(dims: Dims, shape: Any) -> Dims:
    """The shape after `reshape(shape)`, with -1 worked out as far as sizes are known."""
    items = shape if isinstance(shape, tuple | list) else (shape,)
    target = tuple(map(as_dim, items))
    negative = [i for i, dim in enumerate(target) if dim.known is not None and dim.known < 0]
    if len(negative) > 1:
        raise InferError("can only specify one unknown dimension")
    fixed = tuple(dim for i, dim in enumerate(target) if i not in negative)
    have, want = without_common(dims, fixed)
    if not negative:
        if not same_count(have, want):
            raise InferError(f"cannot reshape array of shape {dims} into shape {target}")
        return target
    rest = None if Dim(0) in fixed else remaining(have, want)
    if rest is None:
        raise InferError(f"cannot reshape array of shape {dims} into shape {target}")
    return replaced(target, negative[0], rest)


def infer_reshape(call: OpCall) -> Type:
    """The target shape."""
    require_c_order(call)
    return kept(call, reshaped(call.types[0].dims, call["shape"]))


def infer_ravel(call: OpCall) -> Type:
    """One axis with all elements."""
    require_c_order(call)
    (a,) = call.types
    return Array(a.dtype, (count(a.dims),))


define(
    "np.reshape(a, shape, order='C', copy=None)",
    static=("shape",),
    method=True,
    returns="view",
    infer=infer_reshape,
    cases=(
        "np.reshape(A, (4, 3))", "np.reshape(A, (2, -1))", "np.reshape(A, -1)", "np.reshape(A, 12)",
        "np.reshape(T, (-1, 2, 3, 2))", "np.reshape(u, (2, 2))", "np.reshape(x, (1, 1))",
        "np.reshape(z, ())", "np.reshape(x, ())", "A.reshape((6, 2))", "np.reshape(z, 1)",
    ),
)  # fmt: skip
define(
    "np.ravel(a, order='C')",
    method=True,
    returns="view",
    infer=infer_ravel,
    cases=("np.ravel(A)", "np.ravel(u)", "np.ravel(T)", "np.ravel(x)", "np.ravel(z)", "A.ravel()"),
)
define(
    "np.ndarray.flatten(a, order='C')",
    name="flatten",
    method=True,
    infer=infer_ravel,
    cases=("A.flatten()", "u.flatten()", "T.flatten()", "z.flatten()"),
)


@pullback("y = np.reshape(a, shape)", wrt="a")
def reshape_a(dy: Any, a: Any) -> Any:
    return like(dy, a)


@pullback("y = np.ravel(a)", wrt="a")
def ravel_a(dy: Any, a: Any) -> Any:
    return like(dy, a)


@pullback("y = np.ndarray.flatten(a)", wrt="a")
def flatten_a(dy: Any, a: Any) -> Any:
    return like(dy, a)


# ---- the order of axes


def permuted(call: OpCall, order: tuple[int, ...]) -> Type:
    """The operand with its axes in this order."""
    dims = call.types[0].dims
    return kept(call, tuple(dims[i] for i in order))


def infer_transpose(call: OpCall) -> Type:
    """Reversed axes, or the given order."""
    rank = len(call.types[0].dims)
    if call["axes"] is None:
        return infer_T(call)
    order = positions(call["axes"], rank)
    if len(order) != rank:
        raise InferError("axes don't match array")
    return permuted(call, order)


def infer_T(call: OpCall) -> Type:
    """Reversed axes."""
    return permuted(call, tuple(reversed(range(len(call.types[0].dims)))))


def infer_matrix_transpose(call: OpCall) -> Type:
    """The last two axes swapped."""
    rank = len(call.types[0].dims)
    if rank < 2:
        raise InferError(f"Input array must be at least 2-dimensional, but it is {rank}")
    return permuted(call, (*range(rank - 2), rank - 1, rank - 2))


def infer_swapaxes(call: OpCall) -> Type:
    """Two axes swapped."""
    rank = len(call.types[0].dims)
    i, j = position(call["axis1"], rank), position(call["axis2"], rank)
    order = list(range(rank))
    order[i], order[j] = j, i
    return permuted(call, tuple(order))


def infer_moveaxis(call: OpCall) -> Type:
    """The axes `source` at the places `destination`, the others in their order."""
    rank = len(call.types[0].dims)
    source = positions(call["source"], rank)
    destination = positions(call["destination"], rank)
    if len(source) != len(destination):
        raise InferError("`source` and `destination` must have the same number of elements")
    order = [i for i in range(rank) if i not in source]
    for place, axis in sorted(zip(destination, source, strict=True)):
        order.insert(place, axis)
    return permuted(call, tuple(order))


@static_helper
def rolled_to(axis: int, start: int, rank: int) -> int:
    """Where `rollaxis(axis, start)` puts the axis: before the one that was at `start`."""
    if not -rank <= start <= rank:
        raise InferError(f"start {start} is out of bounds for array of dimension {rank}")
    place = start + rank if start < 0 else start
    return place - 1 if position(axis, rank) < place else place


def infer_rollaxis(call: OpCall) -> Type:
    """One axis moved before another."""
    rank = len(call.types[0].dims)
    axis = position(call["axis"], rank)
    order = [i for i in range(rank) if i != axis]
    order.insert(rolled_to(axis, call["start"] or 0, rank), axis)
    return permuted(call, tuple(order))


define(
    "np.transpose(a, axes=None)",
    method=True,
    returns="view",
    infer=infer_transpose,
    cases=(
        "np.transpose(A)", "np.transpose(u)", "np.transpose(T)", "np.transpose(T, (1, 2, 0))",
        "np.transpose(T, (2, 0, 1))", "np.transpose(T, (0, -1, 1))", "np.transpose(A, (1, 0))",
        "np.transpose(x)", "np.transpose(z)", "A.transpose()", "T.transpose((1, 2, 0))",
    ),
)  # fmt: skip
define("a.T", name="T", returns="view", infer=infer_T, cases=("A.T", "T.T", "u.T"))
define(
    "np.matrix_transpose(x)",
    returns="view",
    infer=infer_matrix_transpose,
    cases=("np.matrix_transpose(A)", "np.matrix_transpose(T)"),
)
define(
    "np.swapaxes(a, axis1, axis2)",
    static=("axis1", "axis2"),
    method=True,
    returns="view",
    infer=infer_swapaxes,
    cases=(
        "np.swapaxes(A, 0, 1)",
        "np.swapaxes(T, 0, -1)",
        "np.swapaxes(T, 1, 1)",
        "T.swapaxes(0, -1)",
    ),
)
define(
    "np.moveaxis(a, source, destination)",
    static=("source", "destination"),
    returns="view",
    infer=infer_moveaxis,
    cases=(
        "np.moveaxis(T, 0, -1)", "np.moveaxis(T, -1, 0)", "np.moveaxis(A, 0, 1)",
        "np.moveaxis(T, (0, 1), (-1, 0))", "np.moveaxis(T, (2, 0), (0, 1))",
    ),
)  # fmt: skip
define(
    "np.rollaxis(a, axis, start=0)",
    static=("axis",),
    returns="view",
    infer=infer_rollaxis,
    cases=(
        "np.rollaxis(T, 2)", "np.rollaxis(T, -1, 1)", "np.rollaxis(T, 0, 3)",
        "np.rollaxis(T, 0, -1)", "np.rollaxis(A, 1)", "np.rollaxis(T, 1, 1)",
    ),
)  # fmt: skip


@static_helper
def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The permutation that undoes `axes`."""
    order = positions(axes, len(axes))
    return tuple(order.index(i) for i in range(len(order)))


@pullback("y = np.transpose(a, axes)", wrt="a")
def transpose_a(dy: Any, axes: Any) -> Any:
    if axes is None:
        return dy.T
    return np.transpose(dy, inverse(axes))


@pullback("y = a.T", wrt="a")
def T_a(dy: Any) -> Any:
    return dy.T


@pullback("y = np.matrix_transpose(x)", wrt="x")
def matrix_transpose_x(dy: Any) -> Any:
    if dy.ndim == 2:
        return dy.T
    return np.matrix_transpose(dy)


@pullback("y = np.swapaxes(a, axis1, axis2)", wrt="a")
def swapaxes_a(dy: Any, axis1: Any, axis2: Any) -> Any:
    return np.swapaxes(dy, axis1, axis2)


@pullback("y = np.moveaxis(a, source, destination)", wrt="a")
def moveaxis_a(dy: Any, source: Any, destination: Any) -> Any:
    return np.moveaxis(dy, destination, source)


@pullback("y = np.rollaxis(a, axis, start)", wrt="a")
def rollaxis_a(dy: Any, axis: Any, start: Any) -> Any:
    return np.moveaxis(dy, rolled_to(axis, start, dy.ndim), axis)


linear(
    ("reshape", "ravel", "flatten", "transpose", "T", "matrix_transpose", "swapaxes", "moveaxis",
     "rollaxis")
)  # fmt: skip

complex_too(
    "reshape", "ravel", "flatten", "transpose", "T", "matrix_transpose", "swapaxes", "moveaxis",
    "rollaxis",
)  # fmt: skip
