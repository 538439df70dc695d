"""Records: what the forward pass keeps of each trip of a loop, in one flat array that grows.

An array is recorded element by element; its sizes are recorded too where they are not the same
each time, or where another function takes the record apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..ir.program import Atom, Const, Eqn, Var, walk
from ..ir.types import Array, List, Scalar
from ..rules.builder import const, int_dim
from .code import INT, known
from .function import as_lazy
from .interface import record_dtype, record_of, record_parts
from .items import item_parts, items_of, length_of, rank_of
from .scalars import cast
from .table import lowers
from .tape import is_saved
from .values import Buffer, Dims, Index, Items, Lazy, Record, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("record")
def record(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """An empty record."""
    dtype = record_dtype(lo.function, eqn.out)
    code = lo.code
    parts = record_parts(dtype, lo.hint(eqn.out))
    for var in (parts[0], parts[2]):
        code.append(Eqn((var,), "alloc", (const(16),), {"dtype": var.type.dtype, "zero": False}))
    for var in (parts[1], parts[3]):
        code.append(Eqn((var,), "cell", (const(0),)))
    return record_of(parts, None)


@lowers("push")
def push(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """Append a value."""
    target, value = args
    assert isinstance(target, Record)
    code, dtype = lo.code, target.data.var.type.dtype
    if isinstance(value, Record):
        push_record(lo, target, value)
        return ()
    if isinstance(value, Items):
        push_list(lo, target, value)
        return ()
    if not isinstance(value, Lazy):
        if fixed(lo, eqn.args[0], (value,)):
            target.constant = value
            return ()
        place = target.count
        after = code.whole("add", place, const(1))
        if eqn not in lo.reserved:
            room(lo, target.data.var, after)
        code.store(target.data, cast(code, value, dtype), (place,))
        code.set(target.count, after)
        return ()
    if fixed(lo, eqn.args[0], value.dims):
        target.dims = value.dims
    else:
        last = code.whole("add", target.sizes, const(len(value.dims)))
        room(lo, target.shapes.var, last)
        for axis, size in enumerate(value.dims):
            code.store(target.shapes, size, (code.whole("add", target.sizes, const(axis)),))
        code.set(target.sizes, last)
    after = code.whole("add", target.count, code.size(value.dims))
    if eqn not in lo.reserved:
        room(lo, target.data.var, after)
    start = code.emit("py", (target.count,), INT, "start", text="_0")

    def run(index: Index) -> None:
        code.store(
            target.data, cast(code, value.at(index), dtype), (at(lo, start, index, value.dims),)
        )

    code.nest(value.dims, run)
    code.set(target.count, after)
    return ()


def push_list(lo: Lowerer, target: Record, items: Items) -> None:
    """Append a list: its memory and its table, then how much of them that is."""
    code = lo.code
    length = length_of(lo, items)
    if items.table is None or items.used is None:
        _append_all(lo, target.data.var, target.count, items.data, length)
        _append_numbers(lo, target, (length,))
        return
    used = code.emit("py", (items.used,), INT, "n", text="_0")
    rows = code.whole("mul", length, const(rank_of(items.element) + 1))
    _append_all(lo, target.data.var, target.count, items.data, used)
    _append_all(lo, target.shapes.var, target.sizes, items.table, rows)
    _append_numbers(lo, target, (length, used))


def _append_all(lo: Lowerer, data: Var, count: Var, source: Buffer, length: Atom) -> None:
    """Append some numbers of flat memory."""
    code, dtype = lo.code, data.type.dtype
    after = code.py("_0 + _1", (count, length), "int64")
    room(lo, data, after)
    start = code.emit("py", (count,), INT, "start", text="_0")
    mine = Buffer(data, ())
    with code.loop(length) as i:
        number = cast(code, code.load(source, (i,)), dtype)
        code.store(mine, number, (code.whole("add", start, i),))
    code.set(count, after)


def _append_numbers(lo: Lowerer, target: Record, numbers: Sequence[Atom]) -> None:
    """Note numbers behind the shapes."""
    code = lo.code
    last = code.py(f"_0 + {len(numbers)}", (target.sizes,), "int64")
    room(lo, target.shapes.var, last)
    place = code.emit("py", (target.sizes,), INT, "place", text="_0")
    for k, number in enumerate(numbers):
        code.store(target.shapes, number, (code.whole("add", place, const(k)),))
    code.set(target.sizes, last)


def pop_list(lo: Lowerer, eqn: Eqn, target: Record, element: Scalar | Array | None) -> Items:
    """Take the last list off, into memory of its own."""
    code, hint = lo.code, lo.hint(eqn.out) or "items"
    noted = 2 if rank_of(element) else 1
    place = code.emit("py", (target.sizes, const(noted)), INT, "place", text="_0 - _1")
    length, *more = (
        code.load(target.shapes, (code.whole("add", place, const(k)),)) for k in range(noted)
    )
    code.set(target.sizes, place)
    parts = item_parts(element, hint)
    if not more:
        _take_all(lo, parts[0], target.data, target.count, length)
    else:
        rows = code.whole("mul", length, const(rank_of(element) + 1))
        _take_all(lo, parts[0], target.data, target.count, more[0])
        _take_all(lo, parts[2], target.shapes, target.sizes, rows)
    for cell, number in zip(parts[1::2], (length, *more), strict=True):
        code.append(Eqn((cell,), "cell", (number,)))
    return items_of(element, parts, owned=True)


def _take_all(lo: Lowerer, made: Var, data: Buffer, count: Var, length: Atom) -> None:
    """Take numbers off flat memory, into new memory."""
    code = lo.code
    start = code.emit("py", (count, length), INT, "start", text="_0 - _1")
    room_ = code.whole("max", length, const(1))
    code.append(Eqn((made,), "alloc", (room_,), {"dtype": made.type.dtype, "zero": False}))
    source, target = typed(data, made.type.dtype), Buffer(made, ())
    with code.loop(length) as i:
        code.store(target, code.load(source, (code.whole("add", start, i),)), (i,))
    code.set(count, start)


def push_record(lo: Lowerer, target: Record, value: Record) -> None:
    """Append a record: what is in it, then how much that is."""
    code = lo.code
    for mine, count, theirs, length in (
        (target.data, target.count, value.data, value.count),
        (target.shapes, target.sizes, value.shapes, value.sizes),
    ):
        after = code.py("_0 + _1", (count, length), "int64")
        room(lo, mine.var, after)
        start = code.emit("py", (count,), INT, "start", text="_0")
        with code.loop(length) as i:
            code.store(mine, code.load(theirs, (i,)), (code.whole("add", start, i),))
        code.set(count, after)
    last = code.py("_0 + 2", (target.sizes,), "int64")
    room(lo, target.shapes.var, last)
    place = code.emit("py", (target.sizes,), INT, "place", text="_0")
    code.store(target.shapes, value.count, (place,))
    code.store(target.shapes, value.sizes, (code.whole("add", place, const(1)),))
    code.set(target.sizes, last)


def pop_record(lo: Lowerer, eqn: Eqn, target: Record) -> Record:
    """Take the last record off, into memory of its own."""
    code = lo.code
    place = code.emit("py", (target.sizes,), INT, "place", text="_0 - 2")
    lengths = [code.load(target.shapes, (code.whole("add", place, const(k)),)) for k in (0, 1)]
    parts: list[Var] = []
    code.set(target.sizes, place)
    for mine, count, length in (
        (target.data, target.count, lengths[0]),
        (target.shapes, target.sizes, lengths[1]),
    ):
        start = code.emit("py", (count, length), INT, "start", text="_0 - _1")
        taken = code.alloc(mine.var.type.dtype, (length,), lo.hint(eqn.out))
        with code.loop(length) as i:
            code.store(taken, code.load(mine, (code.whole("add", start, i),)), (i,))
        code.set(count, start)
        parts += [taken.var, code.cell(length, "int64", "count")]
    return record_of(parts, None)


def room(lo: Lowerer, data: Var, needed: Atom) -> None:
    """Make memory larger where it is too small."""
    lo.code.effect("room", (data, needed))


@lowers("peek")
def peek(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The last value, which stays."""
    target = args[0]
    assert isinstance(target, Record)
    cells = [target.count, target.sizes]
    kept = [lo.code.emit("py", (c,), INT, "n", text="_0") for c in cells]
    found = pop(lo, eqn, args)
    for cell, number in zip(cells, kept, strict=True):
        lo.code.set(cell, number)
    return found


@lowers("drop")
def drop(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """Take the last value off; its type is that of what is looked at elsewhere."""
    looked = (e for e in walk(lo.function.body) if e.op == "peek" and e.args[0] is eqn.args[0])
    pop(lo, next(looked), args)
    return ()


@lowers("length")
def length(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """How many numbers are recorded."""
    target = args[0]
    assert isinstance(target, Record)
    return lo.code.emit("py", (target.count,), INT, "n", text="_0")


def reserve(lo: Lowerer, eqn: Eqn) -> None:
    """Before a loop, room for all that it records, where that can be computed here."""
    totals: dict[Var, list[Atom]] = {}
    for pushed, times in _pushes(lo, eqn, const(1)):
        target = pushed.args[0]
        record = lo.env.get(target) if isinstance(target, Var) else None  # made in the loop
        if pushed in lo.reserved or times is None or not isinstance(record, Record):
            continue
        size: Atom | None = const(1)
        for dim in pushed.args[1].type.dims:
            one = const(dim.known) if dim.known is not None else lo.size(dim)
            size = None if one is None or size is None else lo.code.whole("mul", size, one)
        if size is None or _is_held(pushed.args[1]) or _is_pushed_twice(lo, pushed.args[0]):
            continue
        lo.reserved.add(pushed)
        totals.setdefault(record.data.var, [record.count]).append(lo.code.whole("mul", times, size))
    for data, parts in totals.items():
        room(lo, data, lo.code.total("add", parts, 0))


def _is_held(atom: Atom) -> bool:
    """Is it a list or a record?"""
    record = atom.type.dtype == "object" and not (isinstance(atom, Var) and is_saved(atom))
    return record or isinstance(atom.type, List)


def _pushes(lo: Lowerer, eqn: Eqn, times: Atom | None) -> Iterator[tuple[Eqn, Atom | None]]:
    """The pushes of a loop, each with how often it happens at most; None where that is not known."""
    if eqn.op == "for":
        trips = _trips(lo, eqn)
        times = None if trips is None or times is None else lo.code.whole("mul", times, trips)
    elif eqn.op == "while":
        times = None
    for block in eqn.blocks:
        for inner in block.body:
            if inner.op == "push":
                yield inner, times
            elif inner.blocks:
                yield from _pushes(lo, inner, times)


def _trips(lo: Lowerer, eqn: Eqn) -> Atom | None:
    """How often a loop runs, from what can be read here."""
    bounds: list[Atom] = []
    for atom in eqn.args[:3]:
        value = atom if isinstance(atom, Const) else lo.env.get(atom)
        if value is None:
            dim = int_dim(atom)
            value = None if dim is None else lo.size(dim)
        if not isinstance(value, Const | Var):
            return None
        bounds.append(value)
    start, stop, step = bounds
    if known(step) is None or known(step) == 0:
        return None
    code = lo.code
    if (known(step) or 0) < 0:
        start, stop, step = stop, start, const(-(known(step) or 0))
    length = code.whole("sub", stop, start)
    if known(step) != 1:
        length = code.whole(
            "floordiv", code.whole("add", length, const((known(step) or 1) - 1)), step
        )
    return code.whole("max", length, const(0))


def fixed(lo: Lowerer, var: Atom, dims: Dims) -> bool:
    """Are the sizes the same each time, and readable everywhere in the function?"""
    if var in lo.escaping or _is_pushed_twice(lo, var):
        return False
    return all(not isinstance(d, Var) or lo.code.depth_of.get(d, 9) == 1 for d in dims)


def _is_pushed_twice(lo: Lowerer, record: Atom) -> bool:
    """Is it recorded at several places, as snapshots are?"""
    return sum(e.op == "push" and e.args[0] is record for e in walk(lo.function.body)) != 1


def at(lo: Lowerer, start: Atom, index: Sequence[Atom], dims: Dims) -> Atom:
    """The place of an element in flat memory."""
    code = lo.code
    flat: Atom = const(0)
    for i, size in zip(index, dims, strict=True):
        flat = code.whole("add", code.whole("mul", flat, size), i)
    return code.whole("add", start, flat)


@lowers("pop")
def pop(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Take the last value off."""
    target = args[0]
    assert isinstance(target, Record)
    code, type_ = lo.code, eqn.out.type
    if isinstance(type_, List):
        return pop_list(lo, eqn, target, type_.element)
    if is_saved(eqn.out):
        type_ = INT
    if type_.dtype == "object":
        return pop_record(lo, eqn, target)
    if isinstance(type_, Scalar):
        if target.constant is not None:
            return target.constant
        place = code.emit("py", (target.count,), INT, "place", text="_0 - 1")
        code.set(target.count, place)
        return code.load(typed(target.data, type_.dtype), (place,))
    rank = len(type_.dims)
    dims: Dims
    if target.dims is not None:
        dims = target.dims
    else:
        first = code.emit("py", (target.sizes, const(rank)), INT, "first", text="_0 - _1")
        code.set(target.sizes, first)
        dims = tuple(
            code.load(target.shapes, (code.whole("add", first, const(k)),)) for k in range(rank)
        )
    start = code.emit("py", (target.count, code.size(dims)), INT, "start", text="_0 - _1")
    code.set(target.count, start)
    data = typed(target.data, type_.dtype)
    reads = frozenset((target.data,))
    return Lazy(
        type_.dtype,
        dims,
        lambda index: code.load(data, (at(lo, start, index, dims),)),
        reads,
        reads,
    )


def typed(data: Buffer, dtype: str) -> Buffer:
    """The memory of a record, of the dtype that is in it."""
    if not isinstance(data.var.type, Array) or data.var.type.dtype != dtype:
        data.var.type = Array(dtype, data.var.type.dims)
    return data


@lowers("own")
def own(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A copy: what overwrites memory makes sure by itself that nobody reads it."""
    value = args[0]
    if isinstance(value, Record):
        count = lo.code.cell(value.count, "int64", value.count.hint)
        sizes = lo.code.cell(value.sizes, "int64", value.sizes.hint)
        if any(e.op == "push" and e.args[0] is eqn.out for e in walk(lo.function.body)):
            parts = [_copied(lo, b.var) for b in (value.data, value.shapes)]
            return record_of([parts[0], count, parts[1], sizes], None)
        return Record(value.data, count, value.shapes, sizes, value.dims)
    return as_lazy(value) if eqn.out.type.dims else value


def _copied(lo: Lowerer, memory: Var) -> Var:
    """Flat memory with the same numbers, which may grow."""
    made = Var(memory.hint, memory.type)
    copy = lo.code.emit("copy", (memory,), memory.type, memory.hint)
    lo.code.append(Eqn((made,), "cell", (copy,)))
    return made
