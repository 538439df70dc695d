"""Elements added or left out at known places: pad, insert, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type, is_complex
from .language import static_helper
from .registry import InferError, NotSupported, OpCall, complex_too, define, linear, pullback
from .shape import like
from .shapes import Dims
from .sizes import as_dim, before, count, known_int, pad_along, plain, position, replaced

# ---- pad


@static_helper
def pads(pad_width: Any, rank: int) -> tuple[tuple[Any, Any], ...]:
    """The widths `(before, after)` of each axis, from any form that `np.pad` takes."""
    if isinstance(pad_width, dict):
        pairs: list[Any] = [(0, 0)] * rank
        for axis, width in pad_width.items():
            pairs[position(axis, rank)] = width if isinstance(width, tuple | list) else (width,) * 2
        return tuple((before, after) for before, after in pairs)
    widths = np.array(pad_width, dtype=object)
    if widths.size == 2 and widths.shape != (2, 1):
        widths = widths.ravel()
    try:
        table = np.broadcast_to(widths, (rank, 2))
    except ValueError:
        raise InferError(f"pad_width {pad_width} does not fit {rank} axes") from None
    return tuple((before, after) for before, after in table)


@static_helper
def inside(pad_width: Any, shape: Sequence[Any]) -> tuple[slice, ...]:
    """The index of the original in the padded array: `[1:-1]` for one element on each side."""
    index = []
    for widths, size in zip(pads(pad_width, len(shape)), shape, strict=True):
        start, end = map(Dim.of, widths)
        stop = None if end.known == 0 else end * -1
        if stop is not None and stop.known is None:  # -0 would be the front, not the end
            stop = Dim.of(size) + start
        index.append(slice(None if start.known == 0 else plain(start), stop and plain(stop)))
    while index and index[-1] == slice(None):
        index.pop()
    return tuple(index)


def infer_pad(call: OpCall) -> Type:
    """Each size with what is added before and after."""
    (array,) = call.types
    if call["mode"] not in ("constant", "empty"):
        raise NotSupported(
            f"mode={call['mode']!r}; join the parts with np.concatenate, or index the array with"
            " padded positions"
        )
    dims: list[Dim] = []
    for dim, pair in zip(array.dims, pads(call["pad_width"], len(array.dims)), strict=True):
        first, last = map(as_dim, pair)
        if any(width.known is not None and width.known < 0 for width in (first, last)):
            raise InferError("index can't contain negative values")
        dims.append(dim + first + last)
    return Array(array.dtype, tuple(dims))


define(
    "np.pad(array, pad_width, mode='constant', constant_values=0)",
    static=("pad_width",),
    infer=infer_pad,
    cases=(
        "np.pad(u, 1)", "np.pad(u, (1, 2))", "np.pad(u, ((0, 2),))", "np.pad(A, 2)",
        "np.pad(A, ((1, 0), (0, 2)))", "np.pad(A, (0, 1))", "np.pad(A, ((1,), (2,)))",
        "np.pad(T, ((0, 0), (1, 1), (0, 0)))", "np.pad(A, 1, constant_values=2.5)",
        "np.pad(A, 0)", "np.pad(A, {1: (0, 2)})", "np.pad(z, 1)", "np.pad(A, ((1, 2),))",
        "np.pad(A, {-1: 2})", "np.pad(A, 1, mode='constant', constant_values=((0, 1), (2, 3)))",
    ),
)  # fmt: skip


@pullback("y = np.pad(array, pad_width)", wrt="array")
def pad_array(dy: Any, array: Any, pad_width: Any) -> Any:
    index = inside(pad_width, array.shape)
    return dy if len(index) == 0 else dy[index]


# ---- insert, delete


def one_position(call: OpCall, size: Dim, room: int) -> int:
    """The place that `obj` names on an axis of this size (`room` 1: also its end)."""
    if isinstance(call["obj"], tuple | list | slice | np.ndarray):
        raise NotSupported("several places at once; use one call for each, or an index")
    obj = known_int(call["obj"], "the place")
    if size.known is not None and not -size.known <= obj < size.known + room:
        raise InferError(f"index {obj} is out of bounds for size {size}")
    return obj


def resized(call: OpCall, by: int) -> Type:
    """The operand with one axis longer by `by`; without an axis, all elements as a vector."""
    arr = call.types[0]
    dims: Dims = (count(arr.dims),) if call["axis"] is None else arr.dims
    axis = position(call["axis"] or 0, len(dims))
    one_position(call, dims[axis], max(by, 0))
    return Array(arr.dtype, replaced(dims, axis, dims[axis] + by))


def infer_delete(call: OpCall) -> Type:
    """One element of an axis less."""
    return resized(call, -1)


def infer_insert(call: OpCall) -> Type:
    """One element of an axis more."""
    if call.types[1].dims:
        raise NotSupported("values that are an array; join the parts with np.concatenate")
    if is_complex(call.types[1]) and not is_complex(call.types[0]):
        raise NotSupported("a complex number in a real array")
    return resized(call, 1)


define(
    "np.delete(arr, obj, axis=None)",
    static=("obj",),
    infer=infer_delete,
    cases=(
        "np.delete(u, 1)", "np.delete(u, -1)", "np.delete(A, 0, axis=0)",
        "np.delete(A, -2, axis=-1)", "np.delete(A, 5)", "np.delete(T, 1, axis=1)",
    ),
)  # fmt: skip
define(
    "np.insert(arr, obj, values, axis=None)",
    static=("obj",),
    infer=infer_insert,
    cases=(
        "np.insert(u, 1, x)", "np.insert(u, -1, x)", "np.insert(u, 4, x)", "np.insert(A, 0, x)",
        "np.insert(A, 1, x, axis=1)", "np.insert(A, -2, z, axis=0)", "np.insert(x, 0, y)",
    ),
)  # fmt: skip


@static_helper
def inserted_at(obj: int) -> int:
    """Where an element that was inserted stands: one further from the end than `obj` said."""
    return obj if obj >= 0 else obj - 1


def with_zero_at(dy: Any, obj: Any, axis: Any) -> Any:
    """Zeros where an element was deleted."""
    if obj == -1:
        return np.pad(dy, pad_along(axis, dy.ndim, 0, 1))
    at = obj if obj >= 0 else obj + 1
    return np.insert(dy, at, 0.0) if dy.ndim == 1 else np.insert(dy, at, 0.0, axis=axis)


@pullback("y = np.delete(arr, obj, axis)", wrt="arr")
def delete_arr(dy: Any, arr: Any, obj: Any, axis: Any) -> Any:
    if axis is None:
        return like(with_zero_at(dy, obj, 0), arr)
    return with_zero_at(dy, obj, axis)


@pullback("y = np.insert(arr, obj, values, axis)", wrt="arr")
def insert_arr(dy: Any, arr: Any, obj: Any, axis: Any) -> Any:
    if axis is None:
        return like(np.delete(dy, inserted_at(obj)), arr)
    return np.delete(dy, inserted_at(obj), axis)


@pullback("y = np.insert(arr, obj, values, axis)", wrt="values")
def insert_values(dy: Any, obj: Any, axis: Any) -> Any:
    if dy.ndim == 1:
        return dy[inserted_at(obj)]
    return np.sum(dy[(*before(axis, dy.ndim), inserted_at(obj))])


linear("pad", constants={"constant_values": 0})
linear("delete")
linear("insert", together=True)

complex_too("pad", "delete", "insert")
