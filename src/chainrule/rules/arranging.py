"""The same numbers elsewhere or more often: flip, roll, rotate, sort, tile, repeat.

What only moves elements is undone by the opposite move; what repeats them is undone by a sum over
the repetitions, laid out along an axis of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .gathering import along_axis
from .language import static_helper
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    complex_too,
    composite,
    define,
    linear,
    pullback,
    tangent,
)
from .shape import like
from .shapes import Dims, normalized, with_dims
from .sizes import as_dim, as_dims, count, one_or_all, position, positions, replaced

# ---- flip, rotate, roll


def infer_flip(call: OpCall) -> Type:
    """The operand; an array without axes becomes a scalar."""
    (m,) = call.types
    normalized(call["axis"], len(m.dims))
    return with_dims(m.dtype, m.dims)


def infer_fliplr(call: OpCall) -> Type:
    """An array of at least two axes."""
    (m,) = call.types
    if len(m.dims) < 2:
        raise InferError("Input must be >= 2-d.")
    return m


def infer_flipud(call: OpCall) -> Type:
    """An array of at least one axis."""
    (m,) = call.types
    if not m.dims:
        raise InferError("Input must be >= 1-d.")
    return m


def infer_rot90(call: OpCall) -> Type:
    """Two sizes change places at an odd number of quarter turns."""
    (m,) = call.types
    dims = list(m.dims)
    axes = positions(call["axes"], len(dims))
    if len(axes) != 2:
        raise InferError("len(axes) must be 2.")
    turns = as_dim(call["k"]).known
    if turns is None:
        raise NotSupported("the number of turns k has to be known before the program runs")
    if turns % 2:
        i, j = axes
        dims[i], dims[j] = dims[j], dims[i]
    return Array(m.dtype, tuple(dims))


def infer_roll(call: OpCall) -> Type:
    """The operand, as an array."""
    (a,) = call.types
    shift, axis = call["shift"], call["axis"]
    if axis is not None:
        rank = len(a.dims)
        axes = [position(i, rank) for i in (axis if isinstance(axis, tuple | list) else (axis,))]
        if isinstance(shift, tuple | list) and 1 != len(shift) != len(axes) != 1:
            raise InferError("shape mismatch: shift and axis must have the same length")
    return Array(a.dtype, a.dims)


define(
    "np.flip(m, axis=None)",
    returns="view",
    infer=infer_flip,
    cases=(
        "np.flip(u)", "np.flip(A)", "np.flip(A, axis=0)", "np.flip(A, -1)", "np.flip(T, (0, -1))",
        "np.flip(z)", "np.flip(x)",
    ),
)  # fmt: skip
define("np.fliplr(m)", returns="view", infer=infer_fliplr, cases=("np.fliplr(A)", "np.fliplr(T)"))
define(
    "np.flipud(m)",
    returns="view",
    infer=infer_flipud,
    cases=("np.flipud(A)", "np.flipud(u)", "np.flipud(T)"),
)
define(
    "np.rot90(m, k=1, axes=(0, 1))",
    returns="view",
    infer=infer_rot90,
    cases=(
        "np.rot90(A)", "np.rot90(A, 2)", "np.rot90(A, -1)", "np.rot90(T, 1, (1, 2))",
        "np.rot90(T, 3, (-1, 0))", "np.rot90(A, 4)",
    ),
)  # fmt: skip
define(
    "np.roll(a, shift, axis=None)",
    static=("shift",),
    infer=infer_roll,
    cases=(
        "np.roll(u, 1)", "np.roll(A, 5)", "np.roll(A, -1, axis=1)", "np.roll(A, (1, 2), (0, 1))",
        "np.roll(A, (1, -2), axis=-1)", "np.roll(T, 1, axis=(0, -1))", "np.roll(z, 2)",
        "np.roll(A, (1, 2))",
    ),
)  # fmt: skip


@pullback("y = np.flip(m, axis)", wrt="m")
def flip_m(dy: Any, axis: Any) -> Any:
    if dy.ndim == 0:
        return dy
    return np.flip(dy, axis)


@pullback("y = np.fliplr(m)", wrt="m")
def fliplr_m(dy: Any) -> Any:
    return np.fliplr(dy)


@pullback("y = np.flipud(m)", wrt="m")
def flipud_m(dy: Any) -> Any:
    return np.flipud(dy)


@pullback("y = np.rot90(m, k, axes)", wrt="m")
def rot90_m(dy: Any, k: Any, axes: Any) -> Any:
    return np.rot90(dy, -k, axes)


@pullback("y = np.roll(a, shift, axis)", wrt="a")
def roll_a(dy: Any, shift: Any, axis: Any) -> Any:
    if isinstance(shift, tuple):
        return np.roll(dy, tuple(-s for s in shift), axis)
    return np.roll(dy, -shift, axis)


# ---- sort


def infer_sort(call: OpCall) -> Type:
    """The operand as an array; without an axis all elements as a vector."""
    (a,) = call.types
    if call["order"] is not None:
        raise NotSupported("order= is for structured arrays")
    if call["axis"] is None:
        return Array(a.dtype, (count(a.dims),))
    position(call["axis"], len(a.dims))
    return Array(a.dtype, a.dims)


define(
    "np.sort(a, axis=-1, kind=None, order=None, stable=None)",
    infer=infer_sort,
    cases=(
        "np.sort(un)", "np.sort(An)", "np.sort(An, axis=0)", "np.sort(Tn, axis=1)",
        "np.sort(An, axis=None)", "np.sort(x, axis=None)", "np.sort(u, kind='stable')",
    ),
)  # fmt: skip


@pullback("y = np.sort(a, axis)", wrt="a")
def sort_a(dy: Any, a: Any, axis: Any) -> Any:
    # Equal elements keep their order: one of the permutations that sort, and so an element of
    # Clarke's subdifferential. (An equal share for each would need a sum per group.)
    if a.ndim == 0:
        return dy[0]
    if axis is None:
        rank = np.argsort(np.argsort(np.ravel(a), kind="stable"))
        return np.reshape(dy[rank], a.shape)
    rank = np.argsort(np.argsort(a, axis=axis, kind="stable"), axis=axis)
    if a.ndim == 1:
        return dy[rank]
    return dy[along_axis(rank, dy.shape, axis)]


# ---- tile, repeat


def times(dim: Dim, factor: Dim) -> Dim:
    """The product of two sizes."""
    return count((dim, factor))


def infer_tile(call: OpCall) -> Type:
    """Each size times its repetitions, both filled up with 1 from the front."""
    (A,) = call.types
    reps = as_dims(call["reps"])
    rank = max(len(reps), len(A.dims))
    ones = (Dim(1),) * rank
    dims, reps = (ones + A.dims)[len(A.dims) :], (ones + reps)[len(reps) :]
    return Array(A.dtype, tuple(times(d, r) for d, r in zip(dims, reps, strict=True)))


def infer_repeat(call: OpCall) -> Type:
    """One size times the repetitions; without an axis the size of all elements as a vector."""
    (a,) = call.types
    repeats = as_dims(call["repeats"])
    if len(repeats) != 1:
        raise NotSupported(
            "a number of repeats for each element; index instead: a[np.repeat(np.arange(n), reps)]"
        )
    dims: Dims = (count(a.dims),) if call["axis"] is None or not a.dims else a.dims
    axis = position(call["axis"] or 0, len(dims))
    return Array(a.dtype, replaced(dims, axis, times(dims[axis], repeats[0])))


define(
    "np.tile(A, reps)",
    static=("reps",),
    infer=infer_tile,
    cases=(
        "np.tile(u, 3)", "np.tile(A, (2, 3))", "np.tile(A, 2)", "np.tile(A, (2, 1))",
        "np.tile(u, (2, 3))", "np.tile(x, 3)", "np.tile(z, (2, 2))", "np.tile(A, (3, 1, 2))",
        "np.tile(T, (2, 1))", "np.tile(A, 1)", "np.tile(u, (1, 1))", "np.tile(A, ())",
    ),
)  # fmt: skip
define(
    "np.repeat(a, repeats, axis=None)",
    static=("repeats",),
    method=True,
    infer=infer_repeat,
    cases=(
        "np.repeat(u, 3)", "np.repeat(A, 2)", "np.repeat(A, 2, axis=0)", "np.repeat(A, 3, axis=-1)",
        "np.repeat(x, 4)", "np.repeat(T, 2, axis=1)", "np.repeat(A, (2,), axis=1)",
        "np.repeat(z, 2)", "A.repeat(2, axis=0)",
    ),
)  # fmt: skip


@static_helper
def tiles(shape: Sequence[Any], reps: Any) -> tuple[tuple[Any, ...], Any]:
    """The shape of a tiled array with the repetitions as axes of their own, and those axes."""
    counts = as_dims(reps)
    rank = max(len(counts), len(shape))
    counts = ((Dim(1),) * rank + counts)[len(counts) :]
    blocks: list[Any] = []
    axes: list[int] = []
    for i, repeats in enumerate(counts, start=len(shape) - rank):
        if repeats.known != 1:
            axes.append(len(blocks))
            blocks.append(repeats if repeats.known is None else repeats.known)
        if i >= 0:
            blocks.append(shape[i])
    return tuple(blocks), one_or_all(tuple(axes))


@static_helper
def runs(shape: Sequence[Any], repeats: Any, axis: int) -> tuple[Any, ...]:
    """The shape of a repeated array with the repetitions as an axis behind the repeated one."""
    (times_,) = repeats if isinstance(repeats, tuple | list) else (repeats,)
    return (*shape[: axis + 1], times_, *shape[axis + 1 :])


@pullback("y = np.tile(A, reps)", wrt="A")
def tile_A(dy: Any, A: Any, reps: Any) -> Any:
    if A.ndim == 0:
        return np.sum(dy)
    blocks, axes = tiles(A.shape, reps)
    if axes == ():
        return dy if dy.ndim == A.ndim else like(dy, A)
    return np.sum(np.reshape(dy, blocks), axis=axes)


@pullback("y = np.repeat(a, repeats, axis)", wrt="a")
def repeat_a(dy: Any, a: Any, repeats: Any, axis: Any) -> Any:
    if a.ndim == 0:
        return np.sum(dy)
    if axis is None:
        return np.sum(np.reshape(dy, runs(a.shape, repeats, a.ndim)), axis=-1)
    axis = axis + a.ndim if axis < 0 else axis
    return np.sum(np.reshape(dy, runs(a.shape, repeats, axis)), axis=axis + 1)


# ---- in forward mode

linear(("flip", "fliplr", "flipud", "rot90", "roll", "tile", "repeat"))


@tangent("y = np.sort(a, axis)", wrt="a")
def sort_dot(a_dot: Any, a: Any, axis: Any) -> Any:
    # the permutation of the pullback
    if a.ndim == 0:
        return np.ravel(a_dot)
    if axis is None:
        return np.ravel(a_dot)[np.argsort(np.ravel(a), kind="stable")]
    order = np.argsort(a, axis=axis, kind="stable")
    if a.ndim == 1:
        return a_dot[order]
    return a_dot[along_axis(order, a.shape, axis)]


@composite(
    np.repeat,
    cases=(
        "np.repeat(un, [1, 2, 0, 3])",
        "np.repeat(A, [1, 0, 2], axis=0)",
        "np.repeat(un, k)",
        "np.repeat(A, np.repeat(k, 3))",
        "np.repeat(un, 2)",
    ),
    complex_too=True,
)
def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    if np.ndim(repeats) == 0 or len(repeats) == 1:
        return np.repeat(a, repeats, axis)
    times_each = np.asarray(repeats)
    if np.any(times_each < 0):
        raise ValueError("repeats may not contain negative values.")
    if times_each.size != (a.size if axis is None else a.shape[axis]):
        raise ValueError("operands could not be broadcast together")
    ends = np.cumsum(times_each)
    places = np.searchsorted(ends, np.arange(np.sum(times_each)), side="right")
    if axis is None:
        return np.take(a if a.ndim == 1 else np.ravel(a), places)
    return np.take(a, places, axis)


complex_too("flip", "fliplr", "flipud", "rot90", "roll", "tile", "repeat")
