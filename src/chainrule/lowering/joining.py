"""Arrays put together from parts: concatenated, stacked, padded, with an element more or less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from ..rules.padding import pads
from .code import known
from .function import as_lazy, number
from .scalars import cast, constant
from .shape import picked, reshaped
from .table import lowers, refuse
from .values import Buffer, Dims, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

_MISMATCH = (
    'ValueError("all the input array dimensions except for the concatenation axis must match")'
)


def put(lo: Lowerer, made: Buffer, start: Sequence[Atom], value: Lazy) -> None:
    """Write a part at a place of new memory."""
    code, dtype = lo.code, made.var.type.dtype
    code.nest(
        value.dims,
        lambda index: code.store(
            made,
            cast(code, value.at(index), dtype),
            tuple(code.whole("add", i, s) for i, s in zip(index, start, strict=True)),
        ),
    )


def concatenated(lo: Lowerer, eqn: Eqn, parts: Sequence[Lazy], axis: int, dtype: str) -> Lazy:
    """Parts one after the other along an axis."""
    code = lo.code
    dims = list(parts[0].dims)
    for other in parts[1:]:
        for k, size in enumerate(other.dims):
            if k != axis:
                dims[k] = code.same(dims[k], size, _MISMATCH)
    dims[axis] = code.total("add", [p.dims[axis] for p in parts], 0)
    made = code.alloc(dtype, tuple(dims), lo.hint(eqn.outs[0]))
    start: list[Atom] = [const(0)] * len(dims)
    for part in parts:
        put(lo, made, start, part)
        start[axis] = code.whole("add", start[axis], part.dims[axis])
    return code.lazy(made)


def flat(lo: Lowerer, value: Value) -> Lazy:
    """All elements as a vector."""
    lazy = as_lazy(value)
    return as_lazy(reshaped(lo, lazy, (lo.code.size(lazy.dims),)))


def at_least(value: Lazy, rank: int) -> Lazy:
    """Axes of length 1 in front."""
    extra = rank - len(value.dims)
    if extra <= 0:
        return value
    return picked(value, (const(1),) * extra + value.dims, range(extra, rank))


@lowers("concatenate", "append")
def concatenate(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Along an axis that is there; without one, of all elements."""
    axis, dtype = eqn.static.get("axis", 0), eqn.out.type.dtype
    if axis is None:
        return concatenated(lo, eqn, [flat(lo, a) for a in args], 0, dtype)
    parts = [as_lazy(a) for a in args]
    return concatenated(lo, eqn, parts, axis % len(parts[0].dims), dtype)


@lowers("stack")
def stack(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Along a new axis."""
    parts = [as_lazy(a) for a in args]
    axis = eqn.static["axis"] % (len(parts[0].dims) + 1)
    return concatenated(lo, eqn, [with_axis(p, axis) for p in parts], axis, eqn.out.type.dtype)


def with_axis(value: Lazy, axis: int) -> Lazy:
    """An axis of length 1 put in."""
    rank = len(value.dims) + 1
    dims = (*value.dims[:axis], const(1), *value.dims[axis:])
    return picked(value, dims, [k for k in range(rank) if k != axis])


@lowers("hstack", "vstack", "dstack", "column_stack")
def stacks(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Along the axis that the name says."""
    parts = [as_lazy(a) for a in args]
    if eqn.op == "hstack":
        parts = [at_least(p, 1) for p in parts]
        axis = 0 if len(parts[0].dims) == 1 else 1
    elif eqn.op == "vstack":
        parts, axis = [at_least(p, 2) for p in parts], 0
    elif eqn.op == "column_stack":
        parts = [p if len(p.dims) > 1 else with_axis(at_least(p, 1), 1) for p in parts]
        axis = 1
    else:
        parts = [p if len(p.dims) > 2 else with_axis(at_least(p, 2), 2) for p in parts]
        axis = 2
    return concatenated(lo, eqn, parts, axis, eqn.out.type.dtype)


@lowers("pad")
def pad(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Constants around an array."""
    value, code, dtype = as_lazy(args[0]), lo.code, eqn.out.type.dtype
    rank = len(value.dims)
    widths = [(lo.atom(a, args), lo.atom(b, args)) for a, b in pads(eqn.static["pad_width"], rank)]
    dims = tuple(
        code.whole("add", code.whole("add", size, a), b)
        for size, (a, b) in zip(value.dims, widths, strict=True)
    )
    fills = _fill_values(eqn, rank, dtype)
    first = fills[0][0] if fills else constant(0, dtype)
    same = all(f.value == first.value for pair in fills for f in pair)
    made = code.alloc(dtype, dims, lo.hint(eqn.out), zero=same and not first.value)
    if same and first.value:
        put(lo, made, (const(0),) * rank, number(dtype, first, dims))
    elif not same:
        for axis, (pair, (a, b)) in enumerate(zip(fills, widths, strict=True)):
            for filling, width, after in ((pair[0], a, False), (pair[1], b, True)):
                part: Dims = (*dims[:axis], width, *dims[axis + 1 :])
                start: list[Atom] = [const(0)] * rank
                if after:
                    start[axis] = code.whole("sub", dims[axis], width)
                put(lo, made, start, number(dtype, filling, part))
    put(lo, made, [a for a, _ in widths], value)
    return code.lazy(made)


def _fill_values(eqn: Eqn, rank: int, dtype: str):  # type: ignore[no-untyped-def]
    """The constants before and after each axis."""
    given = eqn.static.get("constant_values", 0)
    if eqn.static.get("mode") == "empty":
        given = 0
    return [tuple(constant(v, dtype) for v in pair) for pair in pads(given, rank)]


@lowers("insert", "delete")
def one_more_or_less(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """An element of an axis put in or left out."""
    code, dtype = lo.code, eqn.out.type.dtype
    given = eqn.static.get("axis")
    value = flat(lo, args[0]) if given is None else as_lazy(args[0])
    axis = 0 if given is None else given % len(value.dims)
    size = value.dims[axis]
    obj = lo.atom(eqn.static["obj"], args)
    if known(obj) is None:
        raise refuse(eqn, f"{eqn.op} at a place that is not known beforehand")
    place = known(obj) or 0
    at = const(place) if place >= 0 else code.whole("add", size, const(place))
    room = size if eqn.op == "insert" else code.whole("sub", size, const(1))
    if known(size) is None:
        error = 'IndexError("index is out of bounds")'
        code.refuse_if(error, "_0 < 0 or _0 > _1", at, room)
    rest = at if eqn.op == "insert" else code.whole("add", at, const(1))
    from .shape import cut

    head = cut(lo, value, axis, const(0), at)
    tail = cut(lo, value, axis, rest, code.whole("sub", size, rest))
    parts = [head, tail]
    if eqn.op == "insert":
        one = as_lazy(args[1])
        middle = (*value.dims[:axis], const(1), *value.dims[axis + 1 :])
        parts.insert(
            1, number(dtype, cast(code, one.at((const(0),) * len(one.dims)), dtype), middle)
        )
    return concatenated(lo, eqn, parts, axis, dtype)
