"""Loops over the same range that follow each other become one.

    for i in range(n): a[i] = f(x[i])          for i in range(n):
    for i in range(n): b[i] = g(a[i])    ->        a[i] = f(x[i])
                                                   b[i] = g(a[i])

Two loops may become one where they touch common memory, if one of them writes it, only at the
element or row that the counter names, and where neither reads a number that the other changes. What
stands between them is done before or after both (K. Kennedy and J. Allen, *Optimizing Compilers for
Modern Architectures*, 2001, section 6.2; a loop is never split here).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, final

from ..ir.program import Atom, Block, Const, Eqn, Function, Var, in_blocks, renamed, walk
from ..ir.types import Array

_MOVABLE: Final = frozenset(
    {"py", "dim", "alloc", "cell", "load", "raise_if", "for", "run", "made", "set", "room"}
)
_INSIDE: Final = frozenset({"py", "load", "store", "for", "if", "cell", "set", "raise_if", "alloc"})
LARGEST: Final = 1000  # equations of a loop, from where on it is not made larger
FURTHEST: Final = 60  # equations that are looked at for a partner


def fused(function: Function) -> Function:
    """The function with such loops made one."""
    fuser = _Fuser(memory_names(function.body))
    return function.with_body(tuple(fuser.sequence(function.body)))


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


@final
@dataclass
class _Fuser:
    names: dict[Var, Var]
    known: dict[Eqn, _Touched] = field(default_factory=dict)

    def sequence(self, body: Sequence[Eqn]) -> list[Eqn]:
        """Equations in a row, their loops made one where that is possible, the inner ones last."""
        done: list[Eqn] = []
        for eqn in body:
            joined = self.joined(done, eqn) if eqn.op == "for" else None
            if joined is None:
                done.append(eqn)
            else:
                place, new = joined
                done[place:] = new
        return [in_blocks(e, lambda b: replace(b, body=tuple(self.sequence(b.body)))) for e in done]

    def joined(self, done: Sequence[Eqn], loop: Eqn) -> tuple[int, list[Eqn]] | None:
        """Where a loop is that this one can be joined to, and what then stands from there on."""
        for place in range(len(done) - 1, max(-1, len(done) - 1 - FURTHEST), -1):
            eqn = done[place]
            if eqn.op == "for" and _same_range(eqn, loop) and self.may_join(eqn, loop):
                new = self.around(eqn, loop, done[place + 1 :])
                if new is not None:
                    return place, new
            if eqn.op not in _MOVABLE or _renames(eqn):
                return None
        return None

    def around(self, first: Eqn, second: Eqn, between: Sequence[Eqn]) -> list[Eqn] | None:
        """Two loops as one, what stands between them before it or, where it needs the first, after."""
        before: list[Eqn] = []
        after: list[Eqn] = []
        for eqn in between:
            if self.apart(first, eqn) and all(self.apart(a, eqn) for a in after):
                before.append(eqn)
            elif self.apart(eqn, second):
                after.append(eqn)
            else:
                return None
        return [*before, _joined(first, second), *after]

    def touched(self, eqn: Eqn) -> _Touched:
        """What an equation reads and writes."""
        found = self.known.get(eqn)
        if found is None:
            found = self.known[eqn] = _touched(eqn, self.names)
        return found

    def apart(self, first: Eqn, other: Eqn) -> bool:
        """May an equation be done before one that it comes after?"""
        one, two = self.touched(first), self.touched(other)
        if two.made & (one.read | one.changed) or (one.changed | one.made) & two.read:
            return False
        if one.changed & two.changed or two.changed & one.read:
            return False
        shared = one.places.keys() & two.places.keys()
        return not shared & (one.written | two.written)

    def may_join(self, first: Eqn, second: Eqn) -> bool:
        """May two loops be one?"""
        one, two = self.touched(first), self.touched(second)
        if not (one.simple and two.simple) or one.size + two.size > LARGEST:
            return False
        if one.changed & (two.read | two.changed) or two.changed & one.read:
            return False
        i, j = first.blocks[0].params[0], second.blocks[0].params[0]
        return all(
            _in_step(one.places[memory], two.places[memory], i, j)
            for memory in (one.places.keys() & two.places.keys()) & (one.written | two.written)
        )


def _renames(eqn: Eqn) -> bool:
    """Does a variable stand for other memory from here on?"""
    return eqn.op in ("cell", "set") and isinstance(eqn.args[-1].type, Array)


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
    """What an equation reads and writes.

    By memory, the places; the variables from outside that it reads, and those cells that it changes.
    """

    places: dict[Var, list[tuple[Var, tuple[Atom, ...]]]]
    written: set[Var]
    read: set[Var]
    changed: set[Var]
    made: set[Var]
    simple: bool
    size: int


def _touched(whole: Eqn, names: dict[Var, Var]) -> _Touched:
    places: dict[Var, list[tuple[Var, tuple[Atom, ...]]]] = {}
    written: set[Var] = set()
    inner: set[Var] = {p for e in walk([whole]) for b in e.blocks for p in b.params}
    read: set[Var] = set()
    changed: set[Var] = set()
    simple, size = True, 0
    for eqn in walk([whole]):
        size += 1
        simple = simple and eqn.op in _INSIDE
        inner.update(eqn.outs)
        read.update(eqn.uses())
        if eqn.op in ("load", "store"):
            array = eqn.args[0]
            assert isinstance(array, Var)
            root = names.get(array, array)
            index = eqn.args[1:] if eqn.op == "load" else eqn.args[2:]
            places.setdefault(root, []).append((array, index))
            if eqn.op == "store":
                written.add(root)
        elif eqn.op == "set":
            assert isinstance(eqn.args[0], Var)
            simple = simple and not isinstance(eqn.args[0].type, Array)
            changed.add(eqn.args[0])
        else:
            for arg in eqn.uses():
                if isinstance(arg.type, Array) and eqn.op not in ("dim", "py"):
                    places.setdefault(names.get(arg, arg), []).append((arg, ()))
                    if eqn.op in ("run", "room"):
                        written.add(names.get(arg, arg))
            simple = simple and not (eqn.op == "cell" and isinstance(eqn.out.type, Array))
    made = {whole.out} if len(whole.outs) == 1 else set(whole.outs)
    return _Touched(places, written, read - inner, changed - inner, made, simple, size)


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
    rank = min(len(index) for _, index in (*first, *second))
    return any(
        all(index[axis] is i for _, index in first) and all(index[axis] is j for _, index in second)
        for axis in range(rank)
    )


def _joined(first: Eqn, second: Eqn) -> Eqn:
    """Both bodies in one loop."""
    one, two = first.blocks[0], second.blocks[0]
    body = (*one.body, *renamed(two.body, {two.params[0]: one.params[0]}))
    return replace(first, blocks=(Block(one.params, body, ()),))
