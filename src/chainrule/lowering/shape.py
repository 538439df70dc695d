"""The same elements with other axes: transposed, reshaped, broadcast, cut into parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from ..rules.shapes import normalized
from .broadcasting import joint, stretched
from .code import known
from .function import as_lazy, changed
from .table import lowers, refuse
from .values import Buffer, Dims, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


def permuted(lo: Lowerer, value: Value, order: Sequence[int]) -> Value:
    """Axes in another order: axis `k` of the result is axis `order[k]` of the operand."""
    lazy = as_lazy(value)
    rank = len(order)
    if list(order) == list(range(rank)):
        return value
    back = [list(order).index(axis) for axis in range(rank)]
    swapped = list(order) == [*range(rank - 2), rank - 1, rank - 2]
    turned = lazy.buffer if swapped else None
    made = changed(
        lazy,
        dims=tuple(lazy.dims[a] for a in order),
        at=lambda index: lazy.at(tuple(index[k] for k in back)),
        turned=turned,
    )
    if swapped and lazy.turned is not None:
        return lo.code.lazy(lazy.turned)
    return made


@lowers("T", "transpose", "matrix_transpose", "swapaxes", "moveaxis", "rollaxis")
def transposed(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Any of the functions that permute axes."""
    rank, static = len(as_lazy(args[0]).dims), eqn.static
    order = list(range(rank))
    if eqn.op == "T" or (eqn.op == "transpose" and not static.get("axes")):
        order.reverse()
    elif eqn.op == "transpose":
        order = [a % rank for a in static["axes"]]
    elif eqn.op == "matrix_transpose":
        order[-1], order[-2] = order[-2], order[-1]
    else:
        probe = np.empty((1,) * rank)
        shape = tuple(range(1, rank + 1))  # the sizes tell where each axis went
        probe = np.broadcast_to(probe, shape)
        fun: Any = getattr(np, eqn.op)
        keys = {"swapaxes": ("axis1", "axis2"), "moveaxis": ("source", "destination"),
                "rollaxis": ("axis", "start")}[eqn.op]  # fmt: skip
        order = [n - 1 for n in fun(probe, *(static[k] for k in keys)).shape]
    return permuted(lo, args[0], order)


def picked(value: Lazy, dims: Dims, source: Sequence[int | None]) -> Lazy:
    """Axes put in and taken out: axis `k` of the operand is at `source[k]`, or has length 1."""
    if value.fill is not None:
        return changed(value, dims=dims)

    def at(index: Index) -> Atom:
        return value.at(tuple(const(0) if s is None else index[s] for s in source))

    return changed(value, dims=dims, at=at)


@lowers("expand_dims", "atleast_1d", "atleast_2d", "atleast_3d")
def expanded(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """New axes of length 1."""
    lazy = as_lazy(args[0])
    rank = len(lazy.dims)
    if eqn.op == "expand_dims":
        axis = eqn.static["axis"]
        axes = axis if isinstance(axis, tuple) else (axis,)
        total = rank + len(axes)
        new = {a % total for a in axes}
    else:
        least = int(eqn.op[8])
        total = max(rank, least)
        new = set(range(total - rank))
        if least == 3 and rank == 1:
            new = {0, 2}
        elif least == 3 and rank == 2:
            new = {2}
    if not new:
        return args[0]
    kept = [k for k in range(total) if k not in new]
    dims: list[Atom] = [const(1)] * total
    for k, size in zip(kept, lazy.dims, strict=True):
        dims[k] = size
    return picked(lazy, tuple(dims), kept)


@lowers("squeeze")
def squeezed(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Axes of length 1 taken out."""
    lazy = as_lazy(args[0])
    rank = len(lazy.dims)
    kept_rank = len(eqn.out.type.dims)
    axis = eqn.static["axis"]
    if axis is None:
        gone = {k for k, d in enumerate(eqn.args[0].type.dims) if d.known == 1}
    else:
        gone = set(normalized(axis, rank))
    for k in gone:
        lo.code.same(
            lazy.dims[k], const(1), 'ValueError("cannot squeeze an axis of another length than 1")'
        )
    kept = [k for k in range(rank) if k not in gone]
    assert len(kept) == kept_rank
    source = [kept.index(k) if k in kept else None for k in range(rank)]
    return picked(lazy, tuple(lazy.dims[k] for k in kept), source)


@lowers("broadcast_to")
def broadcast_to(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Stretched to a shape."""
    lazy = as_lazy(args[0])
    dims = lo.shape(eqn.static["shape"], args)
    for mine, theirs in zip(lazy.dims, dims[len(dims) - len(lazy.dims) :], strict=True):
        if known(mine) != 1 and lazy.fill is None:
            joint(lo, [(mine,), (theirs,)])
    return stretched(lo, lazy, dims)


@lowers("broadcast_arrays")
def broadcast_arrays(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """All stretched to their common shape."""
    parts = [as_lazy(a) for a in args]
    dims = joint(lo, [p.dims for p in parts])
    return tuple(stretched(lo, p, dims) for p in parts)


# -- reshaping -----------------------------------------------------------------------------------


def flat_view(lo: Lowerer, value: Lazy) -> Buffer:
    """The elements in one row of memory."""
    buffer = lo.memory(value)
    return buffer if len(buffer.dims) == 1 else lo.code.view(buffer, (lo.code.size(buffer.dims),))


def reshaped(lo: Lowerer, value: Value, dims: Dims) -> Value:
    """The same elements, in the same order, with other axes."""
    lazy, code = as_lazy(value), lo.code
    if lazy.fill is not None:
        return changed(lazy, dims=dims)
    if len(dims) == 1 and len(lazy.dims) == 1:
        return value
    long = [d for d in lazy.dims if known(d) != 1]
    if long == [d for d in dims if known(d) != 1]:  # only axes of length 1 come and go
        source: list[int | None] = []
        places = [k for k, d in enumerate(dims) if known(d) != 1]
        for size in lazy.dims:
            source.append(None if known(size) == 1 else places.pop(0))
        return picked(lazy, dims, source)
    buffer = lo.memory(lazy)
    return code.lazy(code.view(buffer, dims))


@lowers("reshape")
def reshape(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Another shape, -1 in it for what is left."""
    lazy, code = as_lazy(args[0]), lo.code
    given = eqn.static["shape"]
    dims = lo.shape(given, args)
    if len(dims) != len(eqn.out.type.dims):
        dims = dims[: len(eqn.out.type.dims)]
    total = code.size(lazy.dims)
    unknown = [k for k, d in enumerate(dims) if known(d) == -1]
    if unknown:
        others = code.total("mul", [d for d in dims if known(d) != -1], 1)
        rest = code.whole("floordiv", total, others)
        dims = tuple(rest if k in unknown else d for k, d in enumerate(dims))
    error = 'ValueError("cannot reshape an array into another number of elements")'
    code.same(total, code.size(dims), error)
    if eqn.static.get("order", "C") in ("C", None):
        return reshaped(lo, args[0], dims)
    if eqn.static["order"] != "F":
        raise refuse(eqn, f"reshape with order={eqn.static['order']!r}")
    rank = len(lazy.dims)
    back = permuted(lo, lazy, range(rank - 1, -1, -1))
    other = reshaped(lo, back, dims[::-1])
    return permuted(lo, other, range(len(dims) - 1, -1, -1))


@lowers("ravel", "flatten")
def ravel(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """One row of all elements."""
    lazy = as_lazy(args[0])
    order = eqn.static.get("order", "C")
    if order not in ("C", "F"):
        raise refuse(eqn, f"{eqn.op} with order={order!r}")
    value: Value = lazy
    if order == "F":
        value = permuted(lo, lazy, range(len(lazy.dims) - 1, -1, -1))
    return reshaped(lo, value, (lo.code.size(lazy.dims),))


# -- parts ---------------------------------------------------------------------------------------


def cut(lo: Lowerer, value: Lazy, axis: int, start: Atom, length: Atom) -> Lazy:
    """A part along one axis."""
    code = lo.code
    dims = (*value.dims[:axis], length, *value.dims[axis + 1 :])
    if value.fill is not None:
        return changed(value, dims=dims)

    def at(index: Index) -> Atom:
        return value.at((*index[:axis], code.whole("add", index[axis], start), *index[axis + 1 :]))

    return changed(value, dims=dims, at=at)


@lowers("split", "array_split", "hsplit", "vsplit", "dsplit")
def split(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """Parts along one axis."""
    lazy, code = as_lazy(args[0]), lo.code
    rank = len(lazy.dims)
    axis = {"vsplit": 0, "dsplit": 2, "hsplit": min(1, rank - 1)}.get(eqn.op)
    axis = eqn.static.get("axis", 0) % rank if axis is None else axis
    if lazy.cost:
        lazy = lo.stored(lazy)
    size = lazy.dims[axis]
    given = eqn.static["indices_or_sections"]
    bounds: list[Atom]
    if isinstance(given, int):
        if eqn.op != "array_split":
            error = 'ValueError("array split does not result in an equal division")'
            if known(size) is None:
                code.refuse_if(error, "_0 % _1 != 0", size, const(given))
        each = code.whole("floordiv", size, const(given))
        extra = code.whole("mod", size, const(given))
        bounds = [
            code.whole("add", code.whole("mul", each, const(k)), code.whole("min", extra, const(k)))
            for k in range(given + 1)
        ]
    else:
        inner = []
        for item in given:
            position = lo.atom(item, args)
            if known(position) is None:
                raise refuse(eqn, f"{eqn.op} at a place that is not known beforehand")
            place = known(position) or 0
            at = (
                const(place)
                if place >= 0
                else code.whole("max", code.whole("add", size, const(place)), const(0))
            )
            inner.append(code.whole("min", at, size))
        bounds = [const(0), *inner, size]
    parts: list[Value] = []
    for start, stop in pairwise(bounds):
        length = (
            stop
            if known(start) == 0
            else code.whole("max", code.whole("sub", stop, start), const(0))
        )
        parts.append(cut(lo, lazy, axis, start, length))
    return tuple(parts)


@lowers("unstack")
def unstack(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """The parts at each position of an axis."""
    lazy = as_lazy(args[0])
    axis = eqn.static["axis"] % len(lazy.dims)
    if lazy.cost:
        lazy = lo.stored(lazy)
    source = lazy
    dims = (*lazy.dims[:axis], *lazy.dims[axis + 1 :])
    return tuple(
        changed(
            lazy,
            dims=dims,
            at=lambda index, k=k: source.at((*index[:axis], const(k), *index[axis:])),
        )
        for k in range(len(eqn.outs))
    )
