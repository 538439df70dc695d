"""Arrays taken apart: the split family and unstack, operations with several results.

The pieces tile the operand, so its gradient is the cotangents of the pieces put together again.
Where NumPy's pieces would overlap or leave gaps (`np.split(x, [3, 1])`) the call is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import Array, Type
from .registry import InferError, NotSupported, OpCall, complex_too, define, linear, pullback
from .shapes import Dims, fresh_dim, with_dims
from .sizes import as_dim, divided, known_int, position, replaced


def equal_parts(size: Dim, sections: int) -> list[Dim]:
    """What `np.split` makes of a number of sections."""
    part = divided(size, sections)
    if part is None:
        if size.known is not None:
            raise InferError("array split does not result in an equal division")
        part = fresh_dim("m")
    return [part] * sections


def near_equal_parts(size: Dim, sections: int) -> list[Dim]:
    """What `np.array_split` makes of it: the first parts are longer by one where needed."""
    part = divided(size, sections)
    if part is not None:
        return [part] * sections
    if size.known is None:
        return [fresh_dim("m") for _ in range(sections)]
    small, longer = divmod(size.known, sections)
    return [Dim(small + (i < longer)) for i in range(sections)]


def parts_between(size: Dim, bounds: tuple[Dim, ...]) -> list[Dim]:
    """The lengths of `x[:b0]`, `x[b0:b1]`, ..., `x[bn:]`."""
    if not tiles(size, bounds):
        raise NotSupported("pieces that may overlap or leave gaps; take slices instead")
    return [part_between(size, a, b) for a, b in pairwise((Dim(0), *bounds, size))]


def part_between(size: Dim, start: Dim, stop: Dim) -> Dim:
    """The length of `x[start:stop]`, a fresh size where an end may lie outside."""
    if size.known is not None and start.known is not None and stop.known is not None:
        return Dim(len(range(size.known)[start.known : stop.known]))
    if all(map(never_negative, (start, stop - start, size - stop))):
        return stop - start
    return fresh_dim("m")


def tiles(size: Dim, bounds: tuple[Dim, ...]) -> bool:
    """Do the pieces tile the axis, each beginning where the last one ended?"""
    if size.known is not None and all(b.known is not None for b in bounds):
        ends = [slice(b.known, None).indices(size.known)[0] for b in bounds]
        return ends == sorted(ends)
    return all(surely_ordered(a, b) for a, b in pairwise(bounds))


def surely_ordered(a: Dim, b: Dim) -> bool:
    """Does bound `b` lie at or behind `a` in every run?"""
    if a.known is not None and a.known < 0:
        return b.known is not None and a.known <= b.known < 0
    return never_negative(a) and never_negative(b - a)


def never_negative(dim: Dim) -> bool:
    """Is it a sum of sizes of axes? (The value of an int parameter may be negative.)"""
    return dim.const >= 0 and all(
        coefficient > 0 and (sym.root is None or sym.root[1] is not None)
        for sym, coefficient in dim.terms.items()
    )


def split_results(
    call: OpCall, axis: int, sections: Callable[[Dim, int], list[Dim]]
) -> tuple[Type, ...]:
    """The types of the pieces along `axis`."""
    (ary,) = call.types
    where = call["indices_or_sections"]
    size = ary.dims[axis]
    if isinstance(where, tuple | list | np.ndarray):
        parts = parts_between(size, tuple(map(as_dim, where)))
    else:
        number = known_int(where, "the number of sections")
        if number <= 0:
            raise InferError("number sections must be larger than 0")
        parts = sections(size, number)
    return tuple(Array(ary.dtype, replaced(ary.dims, axis, part)) for part in parts)


def infer_split(call: OpCall) -> tuple[Type, ...]:
    """Equal parts, or the parts between indices."""
    return split_results(call, position(call["axis"], len(call.types[0].dims)), equal_parts)


def infer_array_split(call: OpCall) -> tuple[Type, ...]:
    """As equal as possible, or the parts between indices."""
    return split_results(call, position(call["axis"], len(call.types[0].dims)), near_equal_parts)


def infer_along(axis: int, ranks: int) -> Callable[[OpCall], tuple[Type, ...]]:
    """Splitting along a fixed axis, for arrays of at least so many axes."""

    def infer(call: OpCall) -> tuple[Type, ...]:
        rank = len(call.types[0].dims)
        if rank < ranks:
            raise InferError(f"splits arrays of {ranks} or more dimensions, not {rank}")
        return split_results(call, min(axis, rank - 1), equal_parts)

    return infer


def infer_unstack(call: OpCall) -> tuple[Type, ...]:
    """The arrays along an axis whose size is known."""
    (x,) = call.types
    if not x.dims:
        raise InferError("Input array must be at least 1-d.")
    axis = position(call["axis"], len(x.dims))
    number = known_int(x.dims[axis], "the size of the axis")
    if number == 0:
        raise NotSupported("an axis without elements")
    rest: Dims = (*x.dims[:axis], *x.dims[axis + 1 :])
    return (with_dims(x.dtype, rest),) * number


define(
    "np.split(ary, indices_or_sections, axis=0)",
    static=("indices_or_sections",),
    returns="view",
    infer=infer_split,
    cases=(
        "np.split(u, 2)", "np.split(A, 2, axis=1)", "np.split(A, [1], axis=-2)",
        "np.split(u, (1, 3))", "np.split(T, [-1], axis=-1)", "np.split(A, 1)",
        "np.split(u, [2, 9])",
    ),
)  # fmt: skip
define(
    "np.array_split(ary, indices_or_sections, axis=0)",
    static=("indices_or_sections",),
    returns="view",
    infer=infer_array_split,
    cases=(
        "np.array_split(u, 3)", "np.array_split(A, 2)", "np.array_split(A, 3, axis=-1)",
        "np.array_split(w, 5)", "np.array_split(A, [1, 2], axis=1)",
    ),
)  # fmt: skip
define(
    "np.hsplit(ary, indices_or_sections)",
    static=("indices_or_sections",),
    returns="view",
    infer=infer_along(1, 1),
    cases=("np.hsplit(A, 2)", "np.hsplit(u, 2)", "np.hsplit(T, [1])", "np.hsplit(A, (1, 3))"),
)
define(
    "np.vsplit(ary, indices_or_sections)",
    static=("indices_or_sections",),
    returns="view",
    infer=infer_along(0, 2),
    cases=("np.vsplit(A, 3)", "np.vsplit(T, 2)", "np.vsplit(A, [1])"),
)
define(
    "np.dsplit(ary, indices_or_sections)",
    static=("indices_or_sections",),
    returns="view",
    infer=infer_along(2, 3),
    cases=("np.dsplit(T, 2)", "np.dsplit(T, [1, 3])"),
)
define(
    "np.unstack(x, axis=0)",
    returns="view",
    infer=infer_unstack,
    cases=("np.unstack(A)", "np.unstack(u)", "np.unstack(T, axis=-1)", "np.unstack(A, axis=1)"),
)


@pullback("ys = np.split(ary, indices_or_sections, axis)", wrt="ary")
def split_ary(dys: Any, axis: Any) -> Any:
    return np.concatenate(dys, axis=axis)


@pullback("ys = np.array_split(ary, indices_or_sections, axis)", wrt="ary")
def array_split_ary(dys: Any, axis: Any) -> Any:
    return np.concatenate(dys, axis=axis)


@pullback("ys = np.hsplit(ary, indices_or_sections)", wrt="ary")
def hsplit_ary(dys: Any) -> Any:
    return np.hstack(dys)


@pullback("ys = np.vsplit(ary, indices_or_sections)", wrt="ary")
def vsplit_ary(dys: Any) -> Any:
    return np.vstack(dys)


@pullback("ys = np.dsplit(ary, indices_or_sections)", wrt="ary")
def dsplit_ary(dys: Any) -> Any:
    return np.dstack(dys)


@pullback("ys = np.unstack(x, axis)", wrt="x")
def unstack_x(dys: Any, axis: Any) -> Any:
    return np.stack(dys, axis=axis)


linear(("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack"))

complex_too("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack")
