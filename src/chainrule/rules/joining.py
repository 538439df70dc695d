"""Arrays put together: concatenate, the stack family, append.

The pullback of one operand is the part of the cotangent that it fills.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .expanding import infer_atleast_2d, infer_atleast_3d
from .language import static_helper
from .reductions import require_plain
from .registry import InferError, OpCall, complex_too, define, linear, pullback
from .shape import like
from .shapes import Dims
from .sizes import (
    before,
    count,
    dtype_name,
    joined_dtype,
    plain,
    position,
    replaced,
    same_dims,
    weak_dtype,
)


def joined(shapes: Sequence[Dims], axis: int) -> Dims:
    """The shape of arrays concatenated along `axis`."""
    if not shapes:
        raise InferError("need at least one array to concatenate")
    if not all(shapes):
        raise InferError("zero-dimensional arrays cannot be concatenated")
    if len(set(map(len, shapes))) > 1:
        raise InferError("all the input array dimensions must match")
    axis = position(axis, len(shapes[0]))
    others = same_dims([replaced(dims, axis, Dim(1)) for dims in shapes])
    return replaced(others, axis, reduce(Dim.__add__, [dims[axis] for dims in shapes]))


def infer_concatenate(call: OpCall) -> Type:
    """Sizes add up along the axis; without an axis all elements make one vector."""
    require_plain(call)
    shapes = [t.dims for t in call.types]
    axis = call["axis"]
    if axis is None:
        flat = [(count(dims),) for dims in shapes]
        return Array(dtype_name(call["dtype"], weak_dtype(call.types)), joined(flat, 0))
    return Array(joined_dtype(call.types, call["dtype"]), joined(shapes, axis))


def infer_stack(call: OpCall) -> Type:
    """Equal shapes side by side along a new axis."""
    require_plain(call)
    if not call.types:
        raise InferError("need at least one array to stack")
    dims = same_dims([t.dims for t in call.types])
    axis = position(call["axis"], len(dims) + 1)
    dims = (*dims[:axis], Dim(len(call.types)), *dims[axis:])
    return Array(joined_dtype(call.types, call["dtype"]), dims)


def infer_hstack(call: OpCall) -> Type:
    """Along the second axis, or the only one."""
    shapes = [t.dims or (Dim(1),) for t in call.types]
    axis = 0 if shapes and len(shapes[0]) == 1 else 1
    return Array(joined_dtype(call.types, call["dtype"]), joined(shapes, axis))


def infer_vstack(call: OpCall) -> Type:
    """Along the first axis; a vector is a row."""
    shapes = [infer_atleast_2d(OpCall((t,), {})).dims for t in call.types]
    return Array(joined_dtype(call.types, call["dtype"]), joined(shapes, 0))


def infer_dstack(call: OpCall) -> Type:
    """Along the third axis; a vector is a row."""
    shapes = [infer_atleast_3d(OpCall((t,), {})).dims for t in call.types]
    return Array(joined_dtype(call.types), joined(shapes, 2))


def infer_column_stack(call: OpCall) -> Type:
    """Along the second axis; a vector is a column."""
    shapes = [t.dims if len(t.dims) > 1 else ((*t.dims, Dim(1), Dim(1))[:2]) for t in call.types]
    return Array(joined_dtype(call.types), joined(shapes, 1))


def infer_append(call: OpCall) -> Type:
    """The second operand behind the first; without an axis both as vectors."""
    shapes, axis = [t.dims for t in call.types], call["axis"]
    if axis is None:
        shapes, axis = [(count(dims),) for dims in shapes], 0
    return Array(joined_dtype(call.types), joined(shapes, axis))


define(
    "np.concatenate(*arrays, axis=0, out=None, dtype=None)",
    infer=infer_concatenate,
    cases=(
        "np.concatenate((A, B))", "np.concatenate((u, w, v))", "np.concatenate((A, col), axis=1)",
        "np.concatenate([row, A], axis=-2)", "np.concatenate((A, u, x), axis=None)",
        "np.concatenate((A,))", "np.concatenate((T, Tn, T), axis=-1)",
    ),
)  # fmt: skip
define(
    "np.stack(*arrays, axis=0, out=None, dtype=None)",
    infer=infer_stack,
    cases=(
        "np.stack((u, v))", "np.stack((u, v), axis=1)", "np.stack([A, B, An], axis=-1)",
        "np.stack((A, B), axis=-2)", "np.stack((x, y, z))", "np.stack((T, Tn), axis=1)",
    ),
)  # fmt: skip
define(
    "np.hstack(*tup, dtype=None)",
    infer=infer_hstack,
    cases=(
        "np.hstack((u, w))", "np.hstack((A, col, B))", "np.hstack((x, u, z, w))",
        "np.hstack((T, Tn))",
    ),
)  # fmt: skip
define(
    "np.vstack(*tup, dtype=None)",
    infer=infer_vstack,
    cases=(
        "np.vstack((u, v))", "np.vstack((A, u, row))", "np.vstack((x, z))", "np.vstack((T, Tn))",
        "np.vstack((u, A))",
    ),
)  # fmt: skip
define(
    "np.dstack(*tup)",
    infer=infer_dstack,
    cases=(
        "np.dstack((u, v))", "np.dstack((A, B))", "np.dstack((x, z))", "np.dstack((T, Tn))",
    ),
)  # fmt: skip
define(
    "np.column_stack(*tup)",
    infer=infer_column_stack,
    cases=(
        "np.column_stack((u, v, un))", "np.column_stack((w, A, col))", "np.column_stack((x, z))",
    ),
)  # fmt: skip
define(
    "np.append(arr, values, axis=None)",
    infer=infer_append,
    cases=(
        "np.append(u, w)", "np.append(u, x)", "np.append(A, u)", "np.append(A, row, axis=0)",
        "np.append(A, col, axis=-1)", "np.append(x, A)",
    ),
)  # fmt: skip


@static_helper
def lengths(shapes: Sequence[Any], axis: int) -> tuple[Any, ...]:
    """How much of the joined axis each operand fills: 1 when it has no such axis."""
    return tuple(shape[axis] if len(shape) > axis else 1 for shape in shapes)


@static_helper
def start_of(sizes: Sequence[Any], k: int) -> Any:
    """Where operand `k` begins on the joined axis."""
    return plain(reduce(Dim.__add__, map(Dim.of, sizes[:k]), Dim(0)))


@static_helper
def part(sizes: Sequence[Any], k: int) -> slice:
    """The slice of the joined axis that operand `k` fills."""
    start = start_of(sizes, k)
    stop = None if k == len(sizes) - 1 else start_of(sizes, k + 1)
    return slice(start if k else None, stop)


@pullback("y = np.concatenate(arrays, axis)", wrt="arrays")
def concatenate_arrays(dy: Any, arrays: Any, axis: Any, k: Any) -> Any:
    if axis is None:
        sizes = tuple(a.size for a in arrays)
        if arrays[k].ndim == 0:
            return dy[start_of(sizes, k)]
        return like(dy[part(sizes, k)], arrays[k])
    if len(arrays) == 1:
        return dy
    return dy[(*before(axis, dy.ndim), part(tuple(a.shape[axis] for a in arrays), k))]


@pullback("y = np.stack(arrays, axis)", wrt="arrays")
def stack_arrays(dy: Any, axis: Any, k: Any) -> Any:
    return dy[(*before(axis, dy.ndim), k)]


@pullback("y = np.hstack(tup)", wrt="tup")
def hstack_tup(dy: Any, tup: Any, k: Any) -> Any:
    axis = 0 if tup[0].ndim < 2 else 1
    sizes = lengths(tuple(a.shape for a in tup), axis)
    if tup[k].ndim == 0:
        return dy[start_of(sizes, k)]
    return dy[(*before(axis, dy.ndim), part(sizes, k))]


@pullback("y = np.vstack(tup)", wrt="tup")
def vstack_tup(dy: Any, tup: Any, k: Any) -> Any:
    sizes = tuple(a.shape[0] if a.ndim > 1 else 1 for a in tup)
    if tup[k].ndim > 1:
        return dy[part(sizes, k)]
    if tup[k].ndim == 1:
        return dy[start_of(sizes, k)]
    return dy[start_of(sizes, k), 0]


@pullback("y = np.dstack(tup)", wrt="tup")
def dstack_tup(dy: Any, tup: Any, k: Any) -> Any:
    sizes = lengths(tuple(a.shape for a in tup), 2)
    if tup[k].ndim > 2:
        return dy[:, :, part(sizes, k)]
    if tup[k].ndim == 2:
        return dy[:, :, start_of(sizes, k)]
    if tup[k].ndim == 1:
        return dy[0, :, start_of(sizes, k)]
    return dy[0, 0, start_of(sizes, k)]


@pullback("y = np.column_stack(tup)", wrt="tup")
def column_stack_tup(dy: Any, tup: Any, k: Any) -> Any:
    sizes = lengths(tuple(a.shape for a in tup), 1)
    if tup[k].ndim > 1:
        return dy[:, part(sizes, k)]
    if tup[k].ndim == 1:
        return dy[:, start_of(sizes, k)]
    return dy[0, start_of(sizes, k)]


@pullback("y = np.append(arr, values, axis)", wrt="arr")
def append_arr(dy: Any, arr: Any, axis: Any) -> Any:
    if axis is not None:
        return dy[(*before(axis, dy.ndim), slice(None, arr.shape[axis]))]
    if arr.ndim == 0:
        return dy[0]
    return like(dy[: arr.size], arr)


@pullback("y = np.append(arr, values, axis)", wrt="values")
def append_values(dy: Any, arr: Any, values: Any, axis: Any) -> Any:
    if axis is not None:
        return dy[(*before(axis, dy.ndim), slice(arr.shape[axis], None))]
    if values.ndim == 0:
        return dy[-1]
    return like(dy[arr.size :], values)


linear(
    ("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack", "append"), together=True
)

complex_too("concatenate", "stack", "hstack", "vstack", "dstack", "column_stack", "append")
