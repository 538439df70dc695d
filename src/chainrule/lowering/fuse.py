"""Loops over the same range that follow each other become one.

    for i in range(n): a[i] = f(x[i])          for i in range(n):
    for i in range(n): b[i] = g(a[i])    ->        a[i] = f(x[i])
                                                   b[i] = g(a[i])

Two loops may become one where they touch common memory, if one of them writes it, only at the
element or row that the counter names, and where neither reads a number that the other changes. What
stands between them is done before the first (K. Kennedy and J. Allen, *Optimizing Compilers for
Modern Architectures*, 2001, section 6.2; a loop is never split here).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from ..ir.program import Atom, Block, Const, Eqn, Function, Var, renamed, walk
from ..ir.types import Array

_MOVABLE: Final = frozenset({"py", "dim", "alloc", "cell", "load", "raise_if"})
_INSIDE: Final = frozenset({"py", "load", "store", "for", "if", "cell", "set", "raise_if", "alloc"})
LARGEST: Final = 200  # equations of a loop, from where on it is not made larger


def fused(function: Function) -> Function:
    """The function with such loops made one."""
    names = memory_names(function.body)
    return function.with_body(tuple(_sequence(function.body, names)))


def memory_names(body: Iterable[Eqn]) -> dict[Var, Var]:
    """For variables that may stand for memory of another, one that stands for all of them."""
    parent: dict[Var, Var] = {}

    def find(var: Var) -> Var:
        while var in parent:
            var = parent[var]
        return var

    for eqn in walk(body):
        pair: tuple[Atom, Atom] | None = None
        if eqn.op in ("cell", "view") and isinstance(eqn.args[0].type, Array):
            pair = (eqn.out, eqn.args[0])
        elif eqn.op in ("set", "room") and isinstance(eqn.args[0].type, Array):
            pair = (eqn.args[0], eqn.args[1])
        if pair is not None and isinstance(pair[0], Var) and isinstance(pair[1], Var):
            a, b = find(pair[0]), find(pair[1])
            if a is not b and isinstance(pair[1].type, Array):
                parent[a] = b
    return {var: find(var) for var in parent}


def _sequence(body: Sequence[Eqn], names: dict[Var, Var]) -> list[Eqn]:
    """Equations in a row, their loops made one where that is possible, the inner ones last."""
    done: list[Eqn] = []
    for eqn in body:
        if eqn.op == "for":
            place = _partner(done, eqn, names)
            if place is not None:
                done[place:] = [*done[place + 1 :], _joined(done[place], eqn)]
                continue
        done.append(eqn)
    return [
        replace(e, blocks=tuple(replace(b, body=tuple(_sequence(b.body, names))) for b in e.blocks))
        if e.blocks
        else e
        for e in done
    ]


def _partner(done: Sequence[Eqn], loop: Eqn, names: dict[Var, Var]) -> int | None:
    """Where the loop is that this one can be joined to."""
    between: list[Eqn] = []
    for place in range(len(done) - 1, -1, -1):
        eqn = done[place]
        if eqn.op == "for":
            fits = _same_range(eqn, loop) and _may_join(eqn, loop, between, names)
            return place if fits else None
        if eqn.op not in _MOVABLE:
            return None
        between.append(eqn)
    return None


def _same_range(first: Eqn, second: Eqn) -> bool:
    def same(a: Atom, b: Atom) -> bool:
        if isinstance(a, Const) and isinstance(b, Const):
            return bool(a.value == b.value)
        return a is b

    pairs = zip(first.args, second.args, strict=True)
    return all(same(a, b) for a, b in pairs) and first.static == second.static


@final
@dataclass(frozen=True)
class _Touched:
    """What a loop reads and writes: by memory, the places; and the cells from outside of it."""

    places: dict[Var, list[tuple[Var, tuple[Atom, ...]]]]
    written: set[Var]
    read_cells: set[Var]
    set_cells: set[Var]
    simple: bool
    size: int


def _touched(loop: Eqn, names: dict[Var, Var]) -> _Touched:
    places: dict[Var, list[tuple[Var, tuple[Atom, ...]]]] = {}
    written: set[Var] = set()
    inner: set[Var] = set()
    read: set[Var] = set()
    changed: set[Var] = set()
    simple, size = True, 0
    for eqn in walk(loop.blocks[0].body):
        size += 1
        simple = simple and eqn.op in _INSIDE
        inner.update(eqn.outs)
        if eqn.op in ("load", "store"):
            array = eqn.args[0]
            assert isinstance(array, Var)
            root = names.get(array, array)
            index = eqn.args[1:] if eqn.op == "load" else eqn.args[2:]
            places.setdefault(root, []).append((array, index))
            if eqn.op == "store":
                written.add(root)
            read.update(a for a in eqn.args[1:] if isinstance(a, Var))
        elif eqn.op == "set":
            cell = eqn.args[0]
            assert isinstance(cell, Var)
            simple = simple and not isinstance(cell.type, Array)
            changed.add(cell)
            read.update(a for a in eqn.args[1:] if isinstance(a, Var))
        else:
            simple = simple and not (eqn.op == "cell" and isinstance(eqn.out.type, Array))
            read.update(eqn.uses())
    return _Touched(places, written, read - inner, changed - inner, simple, size)


def _may_join(first: Eqn, second: Eqn, between: Sequence[Eqn], names: dict[Var, Var]) -> bool:
    one, two = _touched(first, names), _touched(second, names)
    if not (one.simple and two.simple) or one.size + two.size > LARGEST:
        return False
    if one.set_cells & (two.read_cells | two.set_cells) or two.set_cells & one.read_cells:
        return False
    for eqn in between:
        if any(a in one.set_cells for a in eqn.uses()):
            return False
        if any(o in one.read_cells or o in one.set_cells for o in eqn.outs):
            return False
        if eqn.op == "load" and names.get(eqn.args[0], eqn.args[0]) in one.written:  # type: ignore[call-overload]
            return False
    i, j = first.blocks[0].params[0], second.blocks[0].params[0]
    for memory in (one.places.keys() & two.places.keys()) & (one.written | two.written):
        if not _in_step(one.places[memory], two.places[memory], i, j):
            return False
    return True


def _in_step(
    first: Sequence[tuple[Var, tuple[Atom, ...]]],
    second: Sequence[tuple[Var, tuple[Atom, ...]]],
    i: Var,
    j: Var,
) -> bool:
    """Do both loops touch memory only where the counter says, along one axis?"""
    arrays = {array for array, _ in (*first, *second)}
    if len(arrays) != 1:
        return False
    rank = len(first[0][1])
    return any(
        all(index[axis] is i for _, index in first) and all(index[axis] is j for _, index in second)
        for axis in range(rank)
    )


def _joined(first: Eqn, second: Eqn) -> Eqn:
    """Both bodies in one loop."""
    one, two = first.blocks[0], second.blocks[0]
    body = (*one.body, *renamed(two.body, {two.params[0]: one.params[0]}))
    return replace(first, blocks=(Block(one.params, body, ()),))
