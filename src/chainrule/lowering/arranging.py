"""The same elements in another order: flipped, rolled, repeated, sorted; diagonals and triangles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn
from ..ir.types import Array
from ..rules.builder import const
from ..rules.shapes import normalized
from .code import INT, known
from .elementwise import combined
from .function import as_lazy, changed
from .joining import at_least, flat
from .scalars import constant
from .shape import permuted, reshaped
from .table import lowers
from .values import Buffer, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


def replaced(index: Index, axis: int, new: Atom) -> Index:
    """The positions with another one along an axis."""
    return (*index[:axis], new, *index[axis + 1 :])


def flipped(lo: Lowerer, value: Lazy, axes: Sequence[int]) -> Lazy:
    """Backwards along some axes."""
    if value.fill is not None:
        return value
    code = lo.code
    last = {a: code.whole("sub", value.dims[a], const(1)) for a in axes}

    def at(index: Index) -> Atom:
        for a in axes:
            index = replaced(index, a, code.whole("sub", last[a], index[a]))
        return value.at(index)

    return changed(value, at=at) if axes else value


@lowers("flip", "fliplr", "flipud")
def flip(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Backwards."""
    value = as_lazy(args[0])
    axes = {"fliplr": (1,), "flipud": (0,)}.get(eqn.op)
    return flipped(
        lo, value, normalized(eqn.static["axis"], len(value.dims)) if axes is None else axes
    )


@lowers("rot90")
def rot90(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Quarter turns."""
    value = as_lazy(args[0])
    rank = len(value.dims)
    turns = (known(lo.atom(eqn.static["k"], args)) or 0) % 4
    first, second = (a % rank for a in eqn.static["axes"])
    order = list(range(rank))
    order[first], order[second] = order[second], order[first]
    if turns == 2:
        return flipped(lo, value, (first, second))
    if turns == 1:
        return permuted(lo, flipped(lo, value, (second,)), order)
    if turns == 3:
        return flipped(lo, as_lazy(permuted(lo, value, order)), (second,))
    return value


@lowers("roll")
def roll(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Shifted along axes, what falls out at one end put in at the other."""
    value, code = as_lazy(args[0]), lo.code
    axis, shift = eqn.static["axis"], eqn.static["shift"]
    if axis is None:
        rolled = _rolled(lo, flat(lo, value), 0, lo.shape(shift, args))
        return reshaped(lo, lo.stored(rolled) if len(value.dims) != 1 else rolled, value.dims)
    axes = axis if isinstance(axis, tuple) else (axis,)
    shifts = list(lo.shape(shift, args))
    if len(axes) == 1 and len(shifts) > 1:
        axes = axes * len(shifts)
    shifts = shifts * len(axes) if len(shifts) == 1 else shifts
    for a, by in zip(axes, shifts, strict=True):
        value = _rolled(lo, value, a % len(value.dims), (by,))
    del code
    return value


def _rolled(lo: Lowerer, value: Lazy, axis: int, shifts: Sequence[Atom]) -> Lazy:
    code = lo.code
    by = code.total("add", shifts, 0)
    size = value.dims[axis]

    def at(index: Index) -> Atom:
        place = code.emit("py", (index[axis], by, size), INT, text="(_0 - _1) % _2")
        return value.at(replaced(index, axis, place))

    return value if value.fill is not None else changed(value, at=at, cost=value.cost + 1)


@lowers("tile")
def tile(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Copies side by side."""
    code = lo.code
    reps = lo.shape(eqn.static["reps"], args)
    value = as_lazy(args[0])
    rank = max(len(reps), len(value.dims))
    value = at_least(value, rank)
    reps = (const(1),) * (rank - len(reps)) + reps
    if value.cost > 1:
        value = lo.stored(value)
    dims = tuple(code.whole("mul", d, r) for d, r in zip(value.dims, reps, strict=True))
    source = value

    def at(index: Index) -> Atom:
        return source.at(
            tuple(
                const(0) if known(d) == 1 else i if known(r) == 1 else code.whole("mod", i, d)
                for i, d, r in zip(index, source.dims, reps, strict=True)
            )
        )

    return changed(value, dims=dims, at=at, cost=value.cost + 1)


@lowers("repeat")
def repeat(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Each element several times."""
    code = lo.code
    (times,) = lo.shape(eqn.static["repeats"], args)
    value = as_lazy(args[0])
    axis = eqn.static["axis"]
    if axis is None or not value.dims:
        value, axis = flat(lo, value), 0
    axis %= len(value.dims)
    if value.cost > 1:
        value = lo.stored(value)
    dims = replaced(value.dims, axis, code.whole("mul", value.dims[axis], times))
    source = value

    def at(index: Index) -> Atom:
        return source.at(replaced(index, axis, code.whole("floordiv", index[axis], times)))

    return changed(value, dims=dims, at=at, cost=value.cost + 1)


# -- diagonals -----------------------------------------------------------------------------------


def diagonal_of(lo: Lowerer, value: Lazy, k: int, first: int, second: int) -> Lazy:
    """Two axes replaced by their diagonal, the last axis of the result."""
    code = lo.code
    rank = len(value.dims)
    rows = code.whole("add", value.dims[first], const(min(k, 0)))
    columns = code.whole("sub", value.dims[second], const(max(k, 0)))
    length = code.whole("max", code.whole("min", rows, columns), const(0))
    rest = [a for a in range(rank) if a not in (first, second)]

    def at(index: Index) -> Atom:
        places: list[Atom] = [const(0)] * rank
        for a, i in zip(rest, index[:-1], strict=True):
            places[a] = i
        places[first] = code.whole("add", index[-1], const(-min(k, 0)))
        places[second] = code.whole("add", index[-1], const(max(k, 0)))
        return value.at(tuple(places))

    dims = (*(value.dims[a] for a in rest), length)
    return changed(value, dims=dims) if value.fill is not None else changed(value, dims=dims, at=at)


def with_diagonal(lo: Lowerer, value: Lazy, k: int, hint: str) -> Lazy:
    """A matrix of zeros but for one diagonal."""
    code = lo.code
    size = code.whole("add", value.dims[0], const(abs(k)))
    made = code.alloc(value.dtype, (size, size), hint, zero=True)
    code.nest(
        value.dims,
        lambda index: code.store(
            made,
            value.at(index),
            (
                code.whole("add", index[0], const(max(-k, 0))),
                code.whole("add", index[0], const(max(k, 0))),
            ),
        ),
    )
    return code.lazy(made)


def shift(lo: Lowerer, eqn: Eqn, args: Sequence[Value], key: str) -> int:
    """Which diagonal."""
    return known(lo.atom(eqn.static[key], args)) or 0


@lowers("diag", "diagflat")
def diag(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A matrix from its diagonal, or the diagonal of a matrix."""
    value, k = as_lazy(args[0]), shift(lo, eqn, args, "k")
    if eqn.op == "diagflat":
        return with_diagonal(lo, flat(lo, value), k, lo.hint(eqn.out))
    if len(value.dims) == 1:
        return with_diagonal(lo, value, k, lo.hint(eqn.out))
    return diagonal_of(lo, value, k, 0, 1)


@lowers("diagonal")
def diagonal(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The diagonal of two axes."""
    value = as_lazy(args[0])
    rank = len(value.dims)
    first, second = eqn.static["axis1"] % rank, eqn.static["axis2"] % rank
    return diagonal_of(lo, value, shift(lo, eqn, args, "offset"), first, second)


@lowers("tril", "triu")
def triangle(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Zeros above or below a diagonal."""
    value, code = as_lazy(args[0]), lo.code
    k = const(shift(lo, eqn, args, "k"))
    if len(value.dims) == 1:
        if value.cost > 1:
            value = lo.stored(value)
        row = value
        value = changed(row, dims=row.dims * 2, at=lambda index: row.at(index[1:]))
    zero = constant(0, value.dtype)
    sign = "<=" if eqn.op == "tril" else ">="

    def at(index: Index) -> Atom:
        i, j = index[-2:]
        text = f"_2 if _0 {sign} _1 else _3"
        return code.py(text, (j, code.whole("add", i, k), value.at(index), zero), value.dtype)

    return combined(value.dtype, value.dims, at, [value], 1)


# -- sorting -------------------------------------------------------------------------------------


@lowers("sort", "partition", "argsort")
def sort(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Each line along an axis sorted; equal elements keep their order."""
    value, code, axis = as_lazy(args[0]), lo.code, eqn.static["axis"]
    if axis is None:
        value, axis = flat(lo, value), 0
    axis %= len(value.dims)
    dtype = eqn.out.type.dtype
    made = code.alloc(dtype, value.dims, lo.hint(eqn.out))
    line = code.alloc(value.dtype, (value.dims[axis],), "line")
    outer = (*value.dims[:axis], *value.dims[axis + 1 :])

    def run(index: Index) -> None:
        def whole(i: Atom) -> Index:
            return (*index[:axis], i, *index[axis:])

        with code.loop(value.dims[axis]) as i:
            code.store(line, value.at(whole(i)), (i,))
        type_ = Array("int64", made.var.type.dims[:1])
        order = Buffer(
            code.emit("made", (line.var,), type_, "order", text="sorted_order(_0)"), line.dims
        )
        with code.loop(value.dims[axis]) as i:
            place: Atom = code.load(order, (i,))
            code.store(made, code.load(line, (place,)) if eqn.op != "argsort" else place, whole(i))

    code.nest(outer, run)
    return code.lazy(made)
