"""Values of arrays that are final when they are read: the array itself has them in the backward pass.

    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]            A[k, k] is not written in a later trip, since i > k

A read (or the value of a write) is final when no write that runs later can hit the same element. That
is decided for loops of step 1 and indices that are a loop counter plus a constant, or slices between
such: bounds, equal elements and the order of trips are then differences of two integers, and a system
of such has no solution exactly when its graph has a negative cycle (Pratt 1977, *Two easy theories
whose combination is hard*). Safe way to err: what is not surely final is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, final

from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Var, walk
from ..rules.builder import int_dim

Path = tuple[tuple[Eqn, int], ...]
Term = tuple[Any, int]  # an integer of the program plus a constant; the integer None is 0
Bound = tuple[Any, Any, int]  # (x, y, c): x - y <= c
_ZERO: Final = None


@final
@dataclass(frozen=True)
class Access:
    """Elements that are read or written: the loops around them, their place in the text, their index.

    `bounds` are those of the positions that a slice stands for.
    """

    path: Path
    position: int
    index: tuple[Term, ...]
    bounds: tuple[Bound, ...] = ()


@final
class Finals:
    """The array and index that still have a value after the outermost loop around it."""

    def __init__(self, forward: Sequence[Eqn], home: Mapping[Var, Path]) -> None:
        self.home = home
        self.position = {eqn: i for i, eqn in enumerate(walk(forward))}
        self.written = {
            e.args[1]: e for e in self.position if e.op == "set_at" and isinstance(e.args[1], Var)
        }
        self.groups: dict[Eqn, list[tuple[Var, set[Atom]]]] = {}

    def find(self, var: Var, eqn: Eqn | None) -> tuple[Var, tuple[Any, ...]] | None:
        """Where the value can be read when the outermost loop has ended, None if not for sure."""
        path = self.home[var]
        outer = path[0][0]
        if outer.op != "for":
            return None
        for access in (eqn, self.written.get(var)):
            if access is None or access not in self.position:
                continue
            if access.op not in ("index", "set_at") or not access.args:
                continue
            found = self.group(outer, access.args[0])
            if found is None or self.where(access) != path:
                continue
            array, members = found
            same = array.type.dtype == var.type.dtype
            plain = bool(var.type.dims) or not getattr(var.type, "weak", True)
            parts = any(kind == "slice" for kind, *_ in access.static["pattern"])
            if bool(var.type.dims) != parts or (parts and access.op == "set_at"):
                continue  # what is written into a part may be stretched
            if same and plain and self.is_final(outer, access, members):
                pattern: tuple[Any, ...] = access.static["pattern"]
                return array, pattern
        return None

    def group(self, outer: Eqn, base: Atom) -> tuple[Var, set[Atom]] | None:
        """The states of an array in a loop that writes it in place, and what it is afterwards."""
        if outer not in self.groups:
            self.groups[outer] = list(_states(outer))
        return next((g for g in self.groups[outer] if base in g[1]), None)

    def where(self, eqn: Eqn) -> Path | None:
        """The blocks around an equation: those of its result."""
        return self.home.get(eqn.outs[0])

    def access(self, eqn: Eqn) -> Access | None:
        """The element of a read or write, None where its index is of another form."""
        base, path = eqn.args[0], self.where(eqn)
        index: list[Term] = []
        bounds: list[Bound] = []
        for kind, *parts in eqn.static["pattern"]:
            if kind == "slice" and path is not None:
                place = ("place", eqn, len(index))
                within = self.within(place, parts, path)
                if within is None:
                    return None
                bounds += within
                index.append((place, 0))
                continue
            known = kind == "int" and _is_size(parts[0]) and path is not None
            term = self.term(Dim.of(parts[0]), path or ()) if known else None
            if term is None:
                return None
            index.append(term)
        if path is None or len(index) != len(base.type.dims):
            return None
        return Access(path, self.position[eqn], tuple(index), tuple(bounds))

    def within(self, place: Any, parts: Sequence[Any], path: Path) -> list[Bound] | None:
        """The bounds of a position in a slice, None where it may count from the end."""
        start, stop, step = parts
        if step not in (None, 1):
            return None
        found: list[Bound] = [(_ZERO, place, 0)]
        for part in (start, stop):
            if part is None:
                continue
            term = self.term(Dim.of(part), path) if _is_size(part) else None
            if term is None or _possible(
                [*self.in_bounds(path, {}), (term[0], _ZERO, -1 - term[1])]
            ):
                return None
            symbol, constant = term
            found.append(
                (symbol, place, -constant) if part is start else (place, symbol, constant - 1)
            )
        return found

    def is_final(self, outer: Eqn, eqn: Eqn, members: set[Atom]) -> bool:
        """Does no later write hit the element?"""
        read = self.access(eqn)
        if read is None or not self.never_negative(read):
            return False
        for write in walk(outer.blocks[0].body):
            if write.op not in ("set_at", "add_at") or write.args[0] not in members:
                continue
            other = self.access(write)
            if other is None or not self.never_negative(other) or self.may_follow(read, other):
                return False
        return True

    def term(self, dim: Dim | None, path: Path) -> Term | None:
        """An integer plus a constant: a counter of the loops around, or the same in all their trips."""
        if dim is None:
            return None
        if dim.known is not None:
            return _ZERO, dim.known
        sym = next(iter(dim.terms))
        root = sym.root
        if dim.terms != {sym: 1} or sym.factors or root is None or not isinstance(root[0], Var):
            return None
        counters = {e.blocks[0].params[0] for e in _loops(path) if e.op == "for"}
        if root[1] is None and root[0] in counters:
            return root[0], dim.const
        return None if self.home.get(root[0]) else (sym, dim.const)

    def in_bounds(self, path: Path, names: Mapping[Any, Any]) -> Iterator[Bound]:
        """The bounds of the counters around an access, where they are integers plus constants."""
        for eqn in _loops(path):
            if eqn.op != "for" or not _is_one(eqn.args[2]):
                continue
            counter = eqn.blocks[0].params[0]
            counter = names.get(counter, counter)
            if (start := self.term(int_dim(eqn.args[0]), path)) is not None:
                yield names.get(start[0], start[0]), counter, -start[1]
            if (stop := self.term(int_dim(eqn.args[1]), path)) is not None:
                yield counter, names.get(stop[0], stop[0]), stop[1] - 1

    def never_negative(self, access: Access) -> bool:
        """Is no index negative, and so none from the end? All loops around it have step 1."""
        if any(e.op != "for" or not _is_one(e.args[2]) for e in _loops(access.path)):
            return False
        bounds = [*self.in_bounds(access.path, {}), *access.bounds]
        return all(not _possible([*bounds, (x, _ZERO, -1 - c)]) for x, c in access.index)

    def may_follow(self, read: Access, write: Access) -> bool:
        """May a write hit the element that was read before?"""
        common = 0
        while (
            common < min(len(read.path), len(write.path))
            and read.path[common] == write.path[common]
        ):
            common += 1
        counters = [e.blocks[0].params[0] for e in _loops(write.path)]
        names: dict[Any, Any] = {c: (c, "later") for c in counters}
        names |= {x: (x, "later") for x, _ in write.index if isinstance(x, tuple)}
        bounds = [*self.in_bounds(read.path, {}), *self.in_bounds(write.path, names), *read.bounds]
        bounds += [(names.get(x, x), names.get(y, y), c) for x, y, c in write.bounds]
        for (x, a), (y, b) in zip(read.index, write.index, strict=True):
            y = names.get(y, y)
            bounds += [(x, y, b - a), (y, x, a - b)]
        shared = [e.blocks[0].params[0] for e in _loops(read.path[:common])]
        for depth, counter in enumerate(shared):
            equal = [p for c in shared[:depth] for p in ((c, names[c], 0), (names[c], c, 0))]
            if _possible([*bounds, *equal, (counter, names[counter], -1)]):
                return True
        equal = [p for c in shared for p in ((c, names[c], 0), (names[c], c, 0))]
        return write.position > read.position and _possible([*bounds, *equal])


def _states(outer: Eqn) -> Iterator[tuple[Var, set[Atom]]]:
    """Each array that a loop carries and only writes elements of, with its states."""
    body = outer.blocks[0]
    for slot, out in enumerate(outer.outs):
        if not out.type.dims:
            continue
        members: set[Atom] = {body.params[1 + slot]}
        if _follow(body.body, members) and _stays(outer, members):
            yield out, members


def _follow(body: Sequence[Eqn], members: set[Atom]) -> bool:
    """Add the later states of an array; False where it is more than read and written by element."""
    for eqn in body:
        if eqn.op in ("set_at", "add_at") and eqn.args[0] in members:
            members.update(eqn.outs)
        elif eqn.op == "if":
            if not all(_follow(b.body, members) for b in eqn.blocks):
                return False
            for i, out in enumerate(eqn.outs):
                inner = [b.results[i] in members for b in eqn.blocks]
                if any(inner):
                    if not all(inner):
                        return False
                    members.add(out)
        elif eqn.op == "for":
            params = eqn.blocks[0].params[1:]
            for param, init, out in zip(params, eqn.args[3:], eqn.outs, strict=True):
                if init in members:
                    members.update((param, out))
            if not _follow(eqn.blocks[0].body, members) or not _stays(eqn, members):
                return False
        elif eqn.op in ("while", "call", "alias") and any(a in members for a in eqn.args):
            return False
    return True


def _stays(loop: Eqn, members: set[Atom]) -> bool:
    """Is the array handed on in its own slot, and in no other?"""
    body = loop.blocks[0]
    slots = zip(body.params[1:], body.results, strict=True)
    return all((p in members) == (r in members) for p, r in slots) and (
        sum(p in members for p in body.params[1:]) == 1
        or not any(r in members for r in body.results)
    )


# -- differences of integers -----------------------------------------------------------------------


def _is_size(part: Any) -> bool:
    return isinstance(part, int | Dim) and not isinstance(part, bool)


def _loops(path: Path) -> list[Eqn]:
    return [eqn for eqn, _ in path if eqn.op != "if"]


def _is_one(step: Atom) -> bool:
    return isinstance(step, Const) and step.value == 1


def _possible(bounds: Sequence[Bound]) -> bool:
    """Have differences `x - y <= c` a solution? None when their graph has a negative cycle.

    >>> _possible([("i", "k", -1), ("k", "i", 0)])
    False
    >>> _possible([("k", "i", -1), ("i", None, 5)])
    True
    """
    values = {v: 0 for x, y, _ in bounds for v in (x, y)}
    for _ in range(len(values) + 1):
        changed = False
        for x, y, c in bounds:
            if values[y] + c < values[x]:
                values[x] = values[y] + c
                changed = True
        if not changed:
            return True
    return False
