"""Elements added or left out at known places: pad, insert, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type, is_complex
from .language import refuse, static_helper, surely
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    linear,
    pullback,
)
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


@composite(
    np.pad,
    cases=(
        "np.pad(u, 2, mode='edge')",
        "np.pad(un, (1, 2), mode='reflect')",
        "np.pad(A, 1, mode='symmetric')",
        "np.pad(An, ((1, 1), (2, 0)), mode='wrap')",
        "np.pad(un, 9, 'reflect')",
        "np.pad(un, 9, 'symmetric')",
        "np.pad(un, 9, 'wrap')",
        "np.pad(A, ((1, 0), (0, 2)), 'maximum')",
        "np.pad(An, 1, 'minimum')",
        "np.pad(A, (2, 1), 'mean')",
        "np.pad(un, 2, 'median')",
    ),
    complex_too=True,
)
def pad(
    array: Any,
    pad_width: Any,
    mode: Any = "constant",
    *,
    constant_values: Any = 0,
    stat_length: Any = None,
    end_values: Any = None,
    reflect_type: Any = "even",
) -> Any:
    if stat_length is not None or end_values is not None or reflect_type != "even":
        return refuse("np.pad with stat_length=, end_values= or reflect_type= is not supported")
    if mode == "constant" or mode == "empty":
        return np.pad(array, pad_width, mode, constant_values=constant_values)
    return padded_from(np.asarray(array), pads(pad_width, array.ndim), mode, 0)


def padded_from(a: Any, widths: Any, mode: Any, axis: Any) -> Any:
    """The array padded along this axis and those behind it."""
    if axis == a.ndim:
        return a
    first, last = widths[axis]
    if surely(first, 0) and surely(last, 0):
        return padded_from(a, widths, mode, axis + 1)
    n = a.shape[axis]
    if mode in ("maximum", "minimum", "mean", "median"):
        reduced = whole_line(a, mode, axis)
        before_it = np.repeat(reduced, first, axis=axis)
        joined = np.concatenate((before_it, a, np.repeat(reduced, last, axis=axis)), axis=axis)
        return padded_from(joined, widths, mode, axis + 1)
    places = np.arange(0 - first, n + last)
    return padded_from(np.take(a, folded(places, n, mode), axis), widths, mode, axis + 1)


def whole_line(a: Any, mode: Any, axis: Any) -> Any:
    """What is put around a line."""
    if mode == "maximum":
        return np.max(a, axis=axis, keepdims=True)
    if mode == "minimum":
        return np.min(a, axis=axis, keepdims=True)
    if mode == "mean":
        return np.mean(a, axis=axis, keepdims=True)
    return np.median(a, axis=axis, keepdims=True)


def folded(places: Any, n: Any, mode: Any) -> Any:
    """Which of n elements is at each place, some of which are outside."""
    if mode == "edge":
        return np.clip(places, 0, n - 1)
    if mode == "wrap":
        return places % n
    if mode == "symmetric":
        turned = places % (2 * n)
        return np.minimum(turned, 2 * n - 1 - turned)
    if mode == "reflect":
        period = np.maximum(2 * n - 2, 1)
        turned = places % period
        return np.minimum(turned, period - turned)
    return refuse("np.pad with this mode is not supported: join the parts with np.concatenate")


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


@static_helper
def in_order(obj: Any) -> tuple[int, ...] | None:
    """Places to be deleted one after the other, so that no one moves the next; None for one."""
    if isinstance(obj, slice):
        return (obj.start, obj.stop) if obj.step in (None, 1) else None
    if not isinstance(obj, tuple | list):
        return None
    found = sorted({int(k) for k in obj}, key=lambda k: -k if k >= 0 else k)
    if len({k >= 0 for k in found}) > 1:
        raise NotSupported("places counted from both ends; count them all from the front")
    return tuple(found)


@static_helper
def is_slice(obj: Any) -> bool:
    """Is it a slice?"""
    return isinstance(obj, slice)


@composite(
    np.delete,
    cases=("np.delete(un, [0, 2])", "np.delete(A, [-1, -3], axis=1)", "np.delete(A, 5)"),
    complex_too=True,
)
def delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    if isinstance(obj, list) or isinstance(obj, tuple):
        if axis is None and arr.ndim != 1:
            return one_by_one(np.ravel(arr), in_order(obj), 0)
        return one_by_one(arr, in_order(obj), 0 if axis is None else axis)
    return np.delete(arr, obj, axis)


def one_by_one(arr: Any, places: Any, axis: Any) -> Any:
    """Elements deleted in this order."""
    if len(places) == 0:
        return np.copy(arr)
    return one_by_one(np.delete(arr, places[0], axis), places[1:], axis)


@composite(
    np.insert,
    cases=(
        "np.insert(un, 1, [x, y])",
        "np.insert(A, 1, w, axis=1)",
        "np.insert(A, -1, u, axis=0)",
        "np.insert(A, 1, B, axis=0)",
        "np.insert(un, [0, 2], v[:2])",
        "np.insert(un, [0, 2], 5.0)",
        "np.insert(un, 1, x)",
    ),
    complex_too=True,
)
def insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    if isinstance(values, list) or isinstance(values, tuple):
        values = np.asarray(values)
    if values.dtype != arr.dtype:
        values = np.asarray(values).astype(arr.dtype)
    several = isinstance(obj, list) or isinstance(obj, tuple)
    if values.ndim == 0 and not several:
        return np.insert(arr, obj, values, axis)
    flat = np.ravel(arr) if axis is None and arr.ndim != 1 else arr
    axis = 0 if axis is None else axis
    if several:
        if flat.ndim != 1:
            return refuse("np.insert at several places of a matrix: use np.concatenate")
        return between(flat, values, tuple(obj), 0, 0)
    put = as_slab(values, flat, axis)
    head = flat[(*before(axis, flat.ndim), slice(None, obj))]
    return np.concatenate((head, put, flat[(*before(axis, flat.ndim), slice(obj, None))]), axis)


def as_slab(values: Any, arr: Any, axis: Any) -> Any:
    """Values as wide as the array in all axes but one."""
    lined = np.moveaxis(np.reshape(values, filled_up(values.shape, arr.ndim)), 0, axis)
    if arr.ndim == 1:
        return lined
    return np.broadcast_to(lined, slab_shape(lined.shape, arr.shape, axis))


@static_helper
def filled_up(shape: Any, rank: int) -> tuple[Any, ...]:
    """A shape with ones in front."""
    return (1,) * (rank - len(shape)) + tuple(shape)


@static_helper
def slab_shape(shape: Any, whole: Any, axis: int) -> tuple[Any, ...]:
    """The shape of the array with the values' own size along the axis."""
    at = position(axis, len(whole))
    return tuple(shape[i] if i == at else size for i, size in enumerate(whole))


def between(arr: Any, values: Any, places: Any, start: Any, k: Any) -> Any:
    """A vector with a value before each of the places, from the k-th on."""
    if k == len(places):
        return arr[start:]
    value = values if values.ndim == 0 else values[k]
    rest = between(arr, values, places, places[k], k + 1)
    return np.concatenate((arr[start : places[k]], np.atleast_1d(value), rest))


linear("pad", constants={"constant_values": 0})
linear("delete")
linear("insert", together=True)

complex_too("pad", "delete", "insert")
