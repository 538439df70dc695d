"""Additions to neighbours leave an inner loop for loops of their own, where several are done at once.

    for i in range(1, n):              for i in range(1, n):
        t = k * dv[i]                      t = k * dv[i]
        du[i] += t                 ->      du[i] += t
        du[i - 1] += t                     parts[i] = t
                                       for i in range(1, n):
                                           du[i - 1] += parts[i]

A compiler cannot do so: two trips add to one element, and it keeps their order. Here it may change
where no trip of the loop reads or sets an element that an addition was made to before (the adjoint of
a stencil; R. Allen and K. Kennedy, *Optimizing Compilers for Modern Architectures*, 2001, chapter 6).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from ..ir.dims import Dim
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, in_blocks
from ..ir.types import Array, Scalar
from ..rules.builder import const
from .code import INT
from .fuse import memory_names

_OPS: Final = frozenset({"py", "load", "store", "set"})
_CALL: Final = re.compile(r"\w\(")


def distributed(function: Function) -> Function:
    """The function with such additions in loops of their own."""
    names = memory_names(function.body)
    return function.with_body(tuple(_sequence(function.body, names)))


def _sequence(body: Sequence[Eqn], names: dict[Var, Var]) -> list[Eqn]:
    result: list[Eqn] = []
    for eqn in body:
        new = in_blocks(eqn, lambda b: replace(b, body=tuple(_sequence(b.body, names))))
        result += _apart(new, names) if new.op == "for" else [new]
    return result


@final
@dataclass(frozen=True)
class _Access:
    """An element that a trip touches: the memory, the row, the place along the last axis."""

    eqn: Eqn
    position: int
    memory: Var
    row: tuple[Atom, ...]
    offset: int

    @property
    def adds(self) -> bool:
        """Does it only add to the element?"""
        return self.eqn.op == "store" and bool(self.eqn.static["add"])


def _apart(loop: Eqn, names: dict[Var, Var]) -> list[Eqn]:
    """The loop, and after it those of additions that can be done later."""
    counter = loop.blocks[0].params[0]
    step = loop.args[2]
    if not (isinstance(step, Const) and step.value == 1) or not _plain(loop.blocks[0].body):
        return [loop]
    rows, body = _rows(loop.blocks[0].body, counter)
    accesses = _accesses(body, counter, names)
    if accesses is None:
        return [loop]
    backwards = bool(loop.static.get("reversed"))
    moved: list[_Access] = []
    for memory in {a.memory for a in accesses if a.adds}:
        moved += _movable([a for a in accesses if a.memory is memory], backwards=backwards)
    if not moved:
        return [loop]
    shorter = replace(loop, blocks=(Block((counter,), tuple(body), ()),))
    return [*rows, *_split(shorter, sorted(moved, key=lambda a: a.position))]


def _plain(body: Sequence[Eqn]) -> bool:
    """Is it arithmetic on elements, that a processor can do for several at once?"""
    return all(
        e.op in _OPS
        and not (
            e.op == "py" and _CALL.search(e.static["text"].replace("abs(", "").replace("int(", ""))
        )
        and not (e.op == "set" and isinstance(e.args[0].type, Array))
        for e in body
    )


def _rows(body: Sequence[Eqn], counter: Var) -> tuple[list[Eqn], list[Eqn]]:
    """Positions that are the same in all trips, and the rest of the body."""
    inside: set[Atom] = {counter, *(out for e in body for out in e.outs)}
    inside |= {e.args[0] for e in body if e.op == "set"}
    rows: list[Eqn] = []
    rest: list[Eqn] = []
    for eqn in body:
        whole = eqn.op == "py" and eqn.static["text"] in ("_0 + _1", "_0 - _1", "_0 * _1")
        if whole and eqn.out.type == INT and not any(a in inside for a in eqn.args):
            rows.append(eqn)
            inside.discard(eqn.out)
        else:
            rest.append(eqn)
    return rows, rest


def _accesses(body: Sequence[Eqn], counter: Var, names: dict[Var, Var]) -> list[_Access] | None:
    """All accesses to memory that is written, None where a place of one is of another form."""
    origin = {out: e for e in body for out in e.outs}
    stores = [e for e in body if e.op == "store"]
    written = {_memory(e, names) for e in stores}
    added_to = {_memory(e, names) for e in stores if e.static["add"]}
    found: list[_Access] = []
    for position, eqn in enumerate(body):
        if eqn.op not in ("load", "store"):
            continue
        memory = _memory(eqn, names)
        if memory not in written:
            continue
        index = eqn.args[1:] if eqn.op == "load" else eqn.args[2:]
        offset = _offset(index[-1], counter, origin) if index else None
        if offset is None or any(_varies(a, counter, origin) for a in index[:-1]):
            if memory in added_to:
                return None
            continue
        found.append(_Access(eqn, position, memory, tuple(index[:-1]), offset))
    return found


def _memory(eqn: Eqn, names: dict[Var, Var]) -> Var:
    array = eqn.args[0]
    assert isinstance(array, Var)
    return names.get(array, array)


def _offset(atom: Atom, counter: Var, origin: dict[Var, Eqn]) -> int | None:
    """How far a place is from the counter."""
    if atom is counter:
        return 0
    made = origin.get(atom) if isinstance(atom, Var) else None
    if made is None or made.op != "py" or made.static["text"] not in ("_0 + _1", "_0 - _1"):
        return None
    first, second = made.args
    if made.static["text"] == "_0 + _1" and second is counter:
        first, second = second, first
    if first is not counter or not isinstance(second, Const):
        return None
    return int(second.value) if made.static["text"] == "_0 + _1" else -int(second.value)


def _varies(atom: Atom, counter: Var, origin: dict[Var, Eqn]) -> bool:
    return atom is counter or atom in origin


def _movable(accesses: Sequence[_Access], *, backwards: bool) -> list[_Access]:
    """The additions to one memory that can come after the loop, and stand in the way in it."""
    others = [a for a in accesses if not a.adds]
    adding = [a for a in accesses if a.adds]
    here = {(a.row, a.offset) for a in others}
    if not others:  # those to the same element stay together where most of them are
        places = [(a.row, a.offset) for a in adding]
        here = {max(places, key=lambda p: (places.count(p), -places.index(p)))}
    rows = {row for row, _ in here}

    def may_wait(add: _Access) -> bool:
        for other in others:
            later = add.offset - other.offset if backwards else other.offset - add.offset
            if later < 0 or (later == 0 and other.position > add.position):
                return False
        return True

    return [a for a in adding if (a.row, a.offset) not in here and a.row in rows and may_wait(a)]


def _split(loop: Eqn, moved: Sequence[_Access]) -> list[Eqn]:
    """The loop without these additions, with what they add kept, and a loop for each."""
    start, stop, step = loop.args
    counter = loop.blocks[0].params[0]
    gone = {a.eqn for a in moved}
    before: list[Eqn] = []
    kept: dict[Atom, Var] = {}
    body: list[Eqn] = []
    for eqn in loop.blocks[0].body:
        if eqn not in gone:
            body.append(eqn)
            continue
        value = eqn.args[1]
        if isinstance(value, Const) or value in kept:
            continue
        parts = Var("parts", Array(eqn.args[0].type.dtype, (Dim(0),)))
        size = Var("n", INT)
        kept[value] = parts
        before.append(_like(eqn, (size,), "py", (stop, const(0)), {"text": "max(_0, _1)"}))
        static = {"dtype": parts.type.dtype, "zero": False}
        before.append(_like(eqn, (parts,), "alloc", (size,), static))
        body.append(_like(eqn, (), "store", (parts, value, counter), {"add": False}))
    result = [*before, replace(loop, blocks=(Block((counter,), tuple(body), ()),))]
    for access in moved:
        eqn = access.eqn
        i = Var(counter.hint, INT)
        inner: list[Eqn] = []
        value = eqn.args[1]
        if value in kept:
            value = Var("", Scalar(eqn.args[0].type.dtype))
            inner.append(_like(eqn, (value,), "load", (kept[eqn.args[1]], i), {}))
        place: Atom = i
        if access.offset:
            place = Var("n", INT)
            text = "_0 + _1" if access.offset > 0 else "_0 - _1"
            inner.append(_like(eqn, (place,), "py", (i, const(abs(access.offset))), {"text": text}))
        array = eqn.args[0]
        inner.append(replace(eqn, args=(array, value, *access.row, place)))
        blocks = (Block((i,), tuple(inner), ()),)
        result.append(
            Eqn(
                (),
                "for",
                (start, stop, step),
                effect=True,
                stage=eqn.stage,
                span=eqn.span,
                backward=eqn.backward,
                blocks=blocks,
            )
        )
    return result


def _like(
    eqn: Eqn, outs: tuple[Var, ...], op: str, args: tuple[Atom, ...], static: dict[str, object]
) -> Eqn:
    """An equation at the place of another one."""
    return replace(eqn, outs=outs, op=op, args=args, static=static, effect=op == "store")
