"""Branches and loops: what they carry becomes cells and memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from ..ir.dims import Dim
from ..ir.program import Atom, Block, Const, Eqn, Var, free
from ..ir.types import Array, List, Scalar
from ..rules.builder import const, int_dim
from .code import INT, known
from .elementwise import only_element
from .function import as_lazy
from .interface import record_of, record_parts, sized
from .items import acquire_items, copied, empty, replaced
from .records import reserve
from .scalars import cast, constant
from .table import lowers, refuse
from .tape import is_saved
from .values import Buffer, Held, Items, Lazy, Record, Value

if TYPE_CHECKING:
    from .function import Lowerer

_ANY = Dim(0)


@final
@dataclass(eq=False)
class Slot:
    """Where a carried value is.

    A cell, memory that stays, a name for one memory after another, or a list that is written.
    """

    param: Var
    cell: Var | None = None
    buffer: Buffer | None = None
    name: Var | None = None
    items: Items | None = None


def unset(atom: Atom) -> bool:
    """Is it the result of a path that gives none?"""
    return isinstance(atom, Const) and atom.value is None


# -- loops ---------------------------------------------------------------------------------------


@lowers("for")
def loop(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """A loop over a range."""
    body = eqn.blocks[0]
    index, *params = body.params
    slots = entered(lo, eqn, params, eqn.args[3:], body.results)
    start, stop, step = (a for a in args[:3] if not isinstance(a, Lazy | Held))
    backwards = bool(eqn.static.get("reversed"))
    reserve(lo, eqn)
    looped = lo.code.loop(stop, start, step, hint=index.hint, backwards=backwards)
    with looped as counter, lo.inside(body, loop=True):
        lo.env[index] = counter
        _note_range(lo, eqn, index)
        trip(lo, eqn, slots, body)
    return tuple(leave(lo, s) for s in slots)


def _note_range(lo: Lowerer, eqn: Eqn, index: Var) -> None:
    """What is known of the counter in the loop."""
    start, stop, step = (int_dim(a) for a in eqn.args[:3])
    dim = int_dim(index)
    if None in (start, stop, step, dim) or dim is None or dim.sym is None:
        return
    if step is not None and step.known is not None and step.known > 0:
        assert start is not None
        assert stop is not None
        lo.ranges[dim.sym] = (start, stop - 1)


@lowers("while")
def while_(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """A loop with a test."""
    test, body = eqn.blocks
    slots = entered(lo, eqn, body.params, eqn.args, body.results)
    code = lo.code
    with code.block() as first, lo.inside(test, loop=True):
        start(lo, slots, test.params)
        lo.finish_block(test)
        condition = cast(code, only_element(lo.value(test.results[0])), "bool")
    with code.block() as then, lo.inside(body, loop=True):
        trip(lo, eqn, slots, body)
    blocks = (Block((), tuple(first), (condition,)), Block((), tuple(then), ()))
    code.append(Eqn((), "while", (), effect=True, blocks=blocks))
    return tuple(leave(lo, s) for s in slots)


def entered(
    lo: Lowerer, eqn: Eqn, params: Sequence[Var], inits: Sequence[Atom], results: Sequence[Atom]
) -> list[Slot]:
    """The places of what a loop carries; no two of them are the same memory."""
    slots: list[Slot] = []
    taken: set[Buffer] = set()
    lo.scopes.inside = frozenset(v for block in eqn.blocks for v in free(block))
    for param, init, result in zip(params, inits, results, strict=True):
        slots.append(enter(lo, eqn, param, init, result, taken))
    lo.scopes.inside = frozenset()
    return slots


def enter(lo: Lowerer, eqn: Eqn, param: Var, init: Atom, result: Atom, taken: set[Buffer]) -> Slot:
    """Make the place of a carried value, with its first value in it; `taken` is memory of others."""
    code, type_, hint = lo.code, param.type, lo.hint(param)
    if isinstance(type_, List):
        if unset(init):
            items = empty(lo, type_.element, hint)
        else:
            items = acquire_items(lo, init, type_.element, taken)
        taken.add(items.data.root)
        return Slot(param, items=items)
    if is_saved(param):
        type_ = INT
    if type_.dtype == "object":
        raise refuse(eqn, "a record that a loop carries")
    if isinstance(type_, Scalar):
        first: Atom = constant(0, type_.dtype)
        if not unset(init):
            value = lo.value(init)
            assert not isinstance(value, Lazy | Held)
            first = cast(code, value, type_.dtype)
        return Slot(param, cell=code.cell(first, type_.dtype, hint))
    stays = not unset(init) and init.type.dims == type_.dims == result.type.dims
    if stays:
        buffer = lo.acquire(init, type_.dtype, taken)
        taken.add(buffer.root)
        return Slot(param, buffer=buffer)
    name = Var(hint, Array(type_.dtype, (_ANY,) * len(type_.dims)))
    if unset(init):
        memory = code.alloc(type_.dtype, (const(0),) * len(type_.dims))
    else:
        memory = lo.acquire(init, type_.dtype, taken)
    taken.add(memory.root)
    code.append(Eqn((name,), "cell", (memory.var,)))
    return Slot(param, name=name)


def start(lo: Lowerer, slots: Sequence[Slot], params: Sequence[Var]) -> None:
    """Bind the parameters of a block."""
    for slot, param in zip(slots, params, strict=True):
        lo.env[param] = held(lo, slot)


def held(lo: Lowerer, slot: Slot) -> Value:
    """The value that a slot has at this place."""
    if slot.cell is not None:
        return slot.cell
    if slot.buffer is not None:
        return lo.code.lazy(slot.buffer)
    if slot.items is not None:
        return slot.items
    assert slot.name is not None
    return sized(lo, slot.name)


def leave(lo: Lowerer, slot: Slot) -> Value:
    """The value after the loop."""
    return held(lo, slot)


def trip(lo: Lowerer, eqn: Eqn, slots: Sequence[Slot], body: Block) -> None:
    """One trip: the block, then its results brought to their places, all at once."""
    params = body.params[1:] if eqn.op == "for" else body.params
    start(lo, slots, params)
    lo.finish_block(body)
    lo.code.source = eqn
    carry(lo, slots, body.results)
    until = eqn.static.get("until")
    if until is not None:
        cell = slots[params.index(until)].cell
        assert cell is not None
        lo.code.effect("end_if", (lo.code.test("not _0", cell),))


def carry(lo: Lowerer, slots: Sequence[Slot], results: Sequence[Atom]) -> None:
    """Give every slot its new value; none is read after another was overwritten."""
    code = lo.code
    numbers: list[tuple[Var, Atom]] = []
    arrays: list[tuple[Buffer, Lazy]] = []
    names: list[tuple[Var, Buffer]] = []
    lists: list[tuple[Items, Items]] = []
    fixed = [s.buffer.root for s in slots if s.buffer is not None]
    for slot, result in zip(slots, results, strict=True):
        if unset(result):
            continue
        value = lo.value(result)
        if slot.cell is not None:
            assert not isinstance(value, Lazy | Held)
            if value is not slot.cell:
                numbers.append((slot.cell, cast(code, value, slot.cell.type.dtype)))
        elif slot.items is not None:
            assert isinstance(value, Items)
            if value is not slot.items:
                if any(s.items is value for s in slots):
                    value = copied(lo, value, slot.items.element, "")
                lists.append((slot.items, value))
        elif slot.buffer is not None:
            lazy = as_lazy(value)
            if lazy.buffer is slot.buffer:
                continue
            others = [b for b in fixed if b is not slot.buffer.root]
            if slot.buffer.root in lazy.crossed or any(b in lazy.reads for b in others):
                lazy = lo.stored(lazy)
            arrays.append((slot.buffer, lazy))
        else:
            assert slot.name is not None
            names.append((slot.name, _renamed(lo, as_lazy(value), slot, slots, names)))
    cells = {cell for cell, _ in numbers}
    ready = [(c, code.py("_0", (v,), v.type.dtype) if v in cells else v) for c, v in numbers]
    for buffer, lazy in arrays:
        for mine, theirs in zip(buffer.dims, lazy.dims, strict=True):
            code.same(mine, theirs)
        code.nest(
            buffer.dims,
            lambda at, buffer=buffer, lazy=lazy: code.store(  # type: ignore[misc]
                buffer, cast(code, lazy.at(at), buffer.var.type.dtype), at
            ),
        )
    for cell, value in ready:
        code.set(cell, value)
    for name, memory in names:
        code.set(name, memory.var)
    for kept, given in lists:
        replaced(lo, kept, given)


def _renamed(
    lo: Lowerer, value: Lazy, slot: Slot, slots: Sequence[Slot], names: list[tuple[Var, Buffer]]
) -> Buffer:
    """Memory that a name may stand for from now on: nothing else has it."""
    assert slot.name is not None
    buffer = value.buffer
    taken = {b for _, b in names} | {s.buffer for s in slots if s.buffer is not None}
    others = {s.name for s in slots if s.name is not None and s is not slot}
    fits = buffer is not None and buffer.owned and buffer.root is buffer
    if fits and buffer is not None and buffer not in taken and buffer.var not in others:
        if value.dtype == slot.name.type.dtype and lo.code.depth_of.get(buffer.var, 0) == len(
            lo.code.memo
        ):
            return buffer
        if buffer.var is slot.name:
            return buffer
    made = lo.stored(value, lo.hint(slot.param), slot.name.type.dtype).buffer
    assert made is not None
    return made


# -- branches ------------------------------------------------------------------------------------


@lowers("if")
def branch(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """A branch: its results are set on either side."""
    code = lo.code
    test = cast(code, only_element(args[0]), "bool")
    cells: dict[int, Var] = {}
    for i, out in enumerate(eqn.outs):
        dtype = "int64" if is_saved(out) else out.type.dtype
        if isinstance(out.type, Scalar) and dtype != "object":
            cells[i] = code.cell(constant(0, dtype), dtype, lo.hint(out))
    bodies: list[list[Eqn]] = []
    found: list[list[Value | None]] = []
    for block in eqn.blocks:
        with code.block() as body, lo.inside(block, loop=False):
            lo.finish_block(block)
            code.source = eqn
            values = [None if unset(r) else lo.value(r) for r in block.results]
            values = [v if v is None or i in cells else _kept(lo, v) for i, v in enumerate(values)]
            for i, cell in cells.items():
                value = values[i]
                if value is not None:
                    assert not isinstance(value, Lazy | Held)
                    code.set(cell, cast(code, value, cell.type.dtype))
        bodies.append(body)
        found.append(values)
    outs: list[Value] = []
    names: list[Var] = []
    for i, out in enumerate(eqn.outs):
        if i in cells:
            outs.append(cells[i])
            continue
        sides = [found[0][i], found[1][i]]
        if isinstance(out.type, List):
            outs.append(_chosen_list(lo, out, sides, bodies))
            continue
        if any(isinstance(s, Record) for s in sides):
            outs.append(_chosen_record(lo, out, sides, bodies))
            continue
        buffers = [s.buffer if isinstance(s, Lazy) else None for s in sides]
        if buffers[0] is not None and buffers[0] is buffers[1]:
            outs.append(sides[0])  # type: ignore[arg-type]
            continue
        name = Var(lo.hint(out), Array(out.type.dtype, (_ANY,) * len(out.type.dims)))
        names.append(name)
        memory = (
            code.alloc(out.type.dtype, (const(0),) * len(out.type.dims)) if None in sides else None
        )
        if memory is not None:
            code.append(Eqn((name,), "cell", (memory.var,)))
        _choose(lo, name, sides, bodies, declared=memory is not None)
        outs.append(name)
    blocks = tuple(Block((), tuple(body), ()) for body in bodies)
    code.append(Eqn((), "if", (test,), effect=True, blocks=blocks))
    return tuple(
        sized(lo, o, _common(lo, found[0][i], found[1][i]))
        if o in names and isinstance(o, Var)
        else o
        for i, o in enumerate(outs)
    )


def _chosen_list(
    lo: Lowerer, out: Var, sides: list[Value | None], bodies: list[list[Eqn]]
) -> Items:
    """The list that either side gives: the one that both write, or a new one."""
    assert isinstance(out.type, List)
    first, second = sides
    if isinstance(first, Items) and first is second:
        return first
    made = empty(lo, out.type.element, lo.hint(out))
    for side, body in zip(sides, bodies, strict=True):
        if isinstance(side, Items):
            with lo.code.resume(body):
                replaced(lo, made, side)
    return made


def _chosen_record(
    lo: Lowerer, out: Var, sides: list[Value | None], bodies: list[list[Eqn]]
) -> Record:
    """The record that a side gives; it is not written, so it needs no memory of its own."""
    code = lo.code
    given = next(s for s in sides if isinstance(s, Record))
    assert given.constant is None
    assert given.dims is None
    parts = record_parts(given.data.var.type.dtype, lo.hint(out))
    for var in parts:
        if isinstance(var.type, Array):
            static = {"dtype": var.type.dtype, "zero": False}
            code.append(Eqn((var,), "alloc", (const(0),), static))
        else:
            code.append(Eqn((var,), "cell", (const(0),)))
    for side, body in zip(sides, bodies, strict=True):
        if isinstance(side, Record):
            theirs = (side.data.var, side.count, side.shapes.var, side.sizes)
            with code.resume(body):
                for mine, other in zip(parts, theirs, strict=True):
                    code.set(mine, other)
    return record_of(parts, None)


def _common(lo: Lowerer, first: Value | None, second: Value | None) -> tuple[Atom | None, ...]:
    """The sizes that both sides have in common, where they can be read after the branch."""
    if not isinstance(first, Lazy) or not isinstance(second, Lazy):
        return ()

    def seen(a: Atom, b: Atom) -> Atom | None:
        if isinstance(a, Var):
            return a if a is b and lo.code.depth_of.get(a, 99) <= len(lo.code.memo) else None
        return a if known(a) == known(b) else None

    return tuple(map(seen, first.dims, second.dims))


def _kept(lo: Lowerer, value: Value) -> Value:
    """A result of a branch in memory."""
    if isinstance(value, Held):
        return value
    lazy = as_lazy(value)
    return lazy if lazy.buffer is not None else lo.stored(lazy)


def _choose(
    lo: Lowerer, name: Var, sides: list[Value | None], bodies: list[list[Eqn]], *, declared: bool
) -> None:
    """At the end of each side, let the name stand for memory that only it has."""
    code = lo.code
    for side, body in zip(sides, bodies, strict=True):
        if side is None:
            continue
        assert isinstance(side, Lazy)
        assert side.buffer is not None
        buffer = side.buffer
        made_here = any(buffer.root.var in e.outs for e in body)
        used = any(e.op in ("cell", "set") and buffer.root.var in e.args for e in body)
        with code.resume(body):
            if not (made_here and buffer.owned and not used and side.dtype == name.type.dtype):
                stored = lo.stored(side, name.hint, name.type.dtype).buffer
                assert stored is not None
                buffer = stored
            if declared:
                code.set(name, buffer.var)
            else:
                code.append(Eqn((name,), "cell", (buffer.var,)))
