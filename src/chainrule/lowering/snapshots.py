"""Loops with checkpoints: a list of snapshots becomes a record for each part of the state.

    snapshots.append((t, x, v))         snapshots_0, snapshots_1, snapshots_2: t, x and v
    t, x, v = snapshots[-1]             the last of each

This is a pass on the program, before anything is lowered. Where snapshots are put is computed by the
helpers of `emit.snapshots`, with an array in place of a set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, final

from ..ir.callees import Changed, callees, with_callees
from ..ir.dims import Dim
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, called, definitions, walk
from ..ir.types import Array, Scalar
from ..rules.builder import const
from .table import lowers
from .values import Buffer, Held, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

_OBJECT = Scalar("object")
_PLACES = Array("int64", (Dim(0),))


def with_split_snapshots(function: Function) -> Function:
    """The function, and what it calls, with records of one value each."""
    if not any(_stores_several(f) for f in _reached(function)):
        return function
    widths: dict[Var, int] = {}
    for one in reversed(list(_reached(function))):  # callees first
        widths |= _widths(one, widths)

    def change(one: Function) -> Function:
        return _Splitter(one, widths).run()

    return change(with_callees(function, change, Changed()))


def _reached(function: Function) -> Iterator[Function]:
    yield function
    yield from (f for f in reversed(list(callees(function))) if f is not function)


def _stores_several(function: Function) -> bool:
    return any(e.op == "peek" or (e.op == "push" and len(e.args) > 2) for e in walk(function.body))


def _widths(function: Function, known: Mapping[Var, int]) -> dict[Var, int]:
    """How many values a snapshot has, by the variable of the list, or of a record of lists."""
    found: dict[Var, int] = {}
    same: list[tuple[Atom, ...]] = []
    for eqn in walk(function.body):
        if eqn.op == "push" and len(eqn.args) > 2:
            found[_var(eqn.args[0])] = len(eqn.args) - 1
        elif eqn.op == "peek":
            found[_var(eqn.args[0])] = len(eqn.outs)
        elif eqn.op == "call":
            callee = called(eqn)
            pairs = zip(eqn.outs, callee.results, strict=True)
            given = zip(eqn.args, callee.params, strict=True)
            for mine, theirs in (*pairs, *given):
                if isinstance(mine, Var) and isinstance(theirs, Var) and theirs in known:
                    found[mine] = known[theirs]
        elif eqn.op in ("push", "own", "pop"):
            same.append((*eqn.args, *eqn.outs))
        elif eqn.op == "if":
            same += [(o, *(b.results[i] for b in eqn.blocks)) for i, o in enumerate(eqn.outs)]
    while True:
        before = len(found)
        for atoms in same:
            width = next((found[a] for a in atoms if isinstance(a, Var) and a in found), None)
            if width is not None:
                found |= {a: width for a in atoms if isinstance(a, Var)}
        if len(found) == before:
            return found


def _var(atom: Atom) -> Var:
    assert isinstance(atom, Var)
    return atom


@final
class _Splitter:
    def __init__(self, function: Function, widths: Mapping[Var, int]) -> None:
        self.function = function
        self.origin = definitions(function)
        self.parts = {
            var: tuple(Var(f"{var.hint}_{k}", _OBJECT, user=True) for k in range(width))
            for var, width in widths.items()
        }

    def run(self) -> Function:
        """The function with its lists of snapshots split."""
        function = self.function
        return replace(
            function,
            params=tuple(p for v in function.params for p in self.parts.get(v, (v,))),
            body=tuple(self.body(function.body)),
            results=self.atoms(function.results),
        )

    def atoms(self, atoms: Sequence[Atom]) -> tuple[Atom, ...]:
        """Atoms, parts in place of lists."""
        parts = self.parts
        return tuple(p for a in atoms for p in (parts.get(a, (a,)) if isinstance(a, Var) else (a,)))

    def body(self, body: Sequence[Eqn]) -> Iterator[Eqn]:
        """Equations in a row."""
        for eqn in body:
            if eqn.op in ("snapshot_places", "places_every"):
                if eqn.op == "snapshot_places":
                    eqn.out.type = _PLACES
                    yield eqn
            elif eqn.op == "contains":
                yield from self.contains(eqn)
            elif eqn.op == "length":
                yield eqn.with_args((self.parts[_var(eqn.args[0])][0],))
            else:
                yield from self.split(eqn)

    def split(self, eqn: Eqn) -> Iterator[Eqn]:
        """An equation for each part of a list."""
        first = eqn.args[0] if eqn.args else None
        last = eqn.args[-1] if eqn.args else None
        if eqn.op == "pop" and first in self.parts:
            pairs = zip(self.parts[eqn.out], self.parts[_var(eqn.args[0])], strict=True)
            yield from (replace(eqn, outs=(out,), args=(part,)) for out, part in pairs)
        elif eqn.op == "push" and len(eqn.args) == 2 and last in self.parts:
            several = [self.parts[_var(a)] for a in eqn.args]
            yield from (eqn.with_args(pair) for pair in zip(*several, strict=True))
        elif eqn.op in ("record", "own") and eqn.out in self.parts:
            sources = self.atoms(eqn.args)
            for k, part in enumerate(self.parts[eqn.out]):
                yield replace(eqn, outs=(part,), args=sources[k : k + 1])
        elif eqn.op == "push" and first in self.parts:
            for part, value in zip(self.parts[_var(first)], eqn.args[1:], strict=True):
                yield eqn.with_args((part, value))
        elif eqn.op == "peek":
            for part, out in zip(self.parts[_var(eqn.args[0])], eqn.outs, strict=True):
                yield replace(eqn, outs=(out,), args=(part,), several=False)
        elif eqn.op == "drop":
            for part in self.parts[_var(eqn.args[0])]:
                yield eqn.with_args((part,))
        else:
            blocks = tuple(
                Block(b.params, tuple(self.body(b.body)), self.results(b, eqn)) for b in eqn.blocks
            )
            outs = tuple(p for v in eqn.outs for p in self.parts.get(v, (v,)))
            yield replace(eqn, outs=outs, args=self.atoms(eqn.args), blocks=blocks)

    def results(self, block: Block, eqn: Eqn) -> tuple[Atom, ...]:
        """What a block gives; a side of a branch may have no list."""
        if eqn.op != "if":
            return self.atoms(block.results)
        pairs = zip(block.results, eqn.outs, strict=True)
        return tuple(
            p
            for r, out in pairs
            for p in (
                [r] * len(self.parts.get(out, (out,))) if isinstance(r, Const) else self.atoms([r])
            )
        )

    def contains(self, eqn: Eqn) -> Iterator[Eqn]:
        """Whether a trip is among places; those of `range(start, stop, step)` need no memory."""
        places, trip = eqn.args
        made = self.origin[_var(places)]
        if made.op != "places_every":
            yield eqn
            return
        start, stop, step = made.args
        after, before, there, inside = (Var("", Scalar("bool", weak=True)) for _ in range(4))
        apart, rest = (Var("", Scalar("int64", weak=True)) for _ in range(2))
        for out, op, args in (
            (after, "ge", (trip, start)),
            (before, "lt", (trip, stop)),
            (apart, "sub", (trip, start)),
            (rest, "mod", (apart, step)),
            (there, "eq", (rest, const(0))),
            (inside, "and", (after, before)),
            (eqn.out, "and", (inside, there)),
        ):
            yield replace(eqn, outs=(out,), op=op, args=args)


# -- lowerings -------------------------------------------------------------------------------------


def _number(value: Value) -> Atom:
    assert not isinstance(value, Lazy | Held)
    return value


@lowers("snapshot_count")
def snapshot_count(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """How many snapshots there may be."""
    return lo.code.py("snapshot_count(_0)", (_number(args[0]),), "int64", "most")


@lowers("snapshot_places")
def snapshot_places(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Where the next snapshots go."""
    text = "snapshot_places(_0, _1, _2)"
    var = lo.code.emit("made", [_number(a) for a in args], _PLACES, "places", text=text)
    size = lo.code.emit("dim", (var,), Scalar("int64", weak=True), "n", axis=0)
    return lo.code.lazy(Buffer(var, (size,), owned=False))


@lowers("contains")
def contains(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Whether there is to be a snapshot before a trip."""
    places = args[0]
    assert isinstance(places, Lazy)
    assert places.buffer is not None
    return lo.code.py("is_among(_0, _1)", (places.buffer.var, _number(args[1])), "bool")
