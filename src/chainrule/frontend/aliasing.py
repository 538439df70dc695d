"""What a loop carries, and which of it may share memory.

There are two kinds of slots. A *name* that the loop binds is carried from trip to trip: two such names
that start as separate arrays stay separate when the loop swaps them, which is shown by induction over
the trips. An *array* that the loop writes, under whatever name, is carried as such.

Safe way to err: slots that are taken to share memory make later uses refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..ir.dims import Dim
from ..ir.program import Atom, Var, walk
from ..ir.types import Array, Type
from ..rules.lists import closed
from ..rules.shapes import fresh_dim
from ..rules.sharing import has_memory
from . import listing
from .blocks import UNSET, Walked, anew, join, opened

if TYPE_CHECKING:
    from .lower import Lowerer


@dataclass
class Slots:
    """The carried values of a loop that is being walked."""

    lo: Lowerer
    node: ast.stmt
    index: tuple[Var, ...] = ()  # the counter
    names: list[str] = field(default_factory=list)  # "" for a written array
    hints: list[str] = field(default_factory=list)
    inits: list[Atom] = field(default_factory=list)
    types: list[Type] = field(default_factory=list)
    arrays: list[Var | None] = field(default_factory=list)  # the array that a slot stands for
    params: list[Var] = field(default_factory=list)
    past: list[Var] = field(default_factory=list)  # parameters of earlier walks
    exits: list[Atom] = field(default_factory=list)
    together: set[tuple[int, int]] = field(default_factory=set)  # slots that may share memory
    owned: dict[tuple[int, int], bool] = field(default_factory=dict)  # sizes of parameters' own
    outer: dict[int, set[Var]] = field(default_factory=dict)  # classes that a slot may be of

    def __post_init__(self) -> None:
        self.rising: list[Var] = []  # classes from outside that the loop writes
        self.carried: set[object] = set()  # dicts whose entries are carried by their name
        sharing = self.lo.builder.sharing
        self.before = sharing.snapshot() if sharing is not None else None
        self.start = sharing.snapshot() if sharing is not None else None
        self.known = frozenset(self.lo.unit.lists)

    def ready(self) -> None:
        """All names are there; views among them may have been taken again."""
        sharing = self.lo.builder.sharing
        self.before = sharing.snapshot() if sharing is not None else None

    def add(self, name: str, hint: str, init: Atom, type_: Type, array: Var | None = None) -> None:
        """One more slot."""
        self.names.append(name)
        self.hints.append(hint)
        self.inits.append(init)
        self.types.append(opened(type_))
        self.arrays.append(array)

    def begin(self) -> None:
        """New parameters for a walk of the body."""
        sharing = self.lo.builder.sharing
        if sharing is not None and self.before is not None:
            sharing.restore(self.before)
        self.past += self.params
        types = zip(self.hints, self.types, [True] * len(self.types), strict=True)
        self.params = anew(self.past, types)
        self.owned = {
            (i, axis): dim.maybe_one
            for i, p in enumerate(self.params)
            for axis, dim in enumerate(p.type.dims)
            if dim.sym is not None and dim.sym.root == (p, axis)
        }
        self.lo.unit.inner.update(self.params)
        self.enter(self.params)
        self.start = sharing.snapshot() if sharing is not None else None

    def enter(self, params: list[Var]) -> None:
        """At the start of a trip: written arrays are parameters, names are arrays of their own."""
        sharing = self.lo.builder.sharing
        if sharing is None:
            return
        self._become(params)
        for param, init in zip(params, self.inits, strict=False):
            sharing.hold_as(param, [init])
        for i, j in sorted(self.together):
            if all(has_memory(params[k]) for k in (i, j)):
                sharing.join(params[i], params[j])
        for i, classes in self.outer.items():
            if any(k == i for pair in self.together for k in pair):
                for root in classes:
                    sharing.join(root, params[i])

    def _become(self, values: list[Var]) -> None:
        """The written arrays are now these values, each of them up to date."""
        sharing = self.lo.builder.sharing
        assert sharing is not None
        pairs = [(v, a) for v, a in zip(values, self.arrays, strict=False) if a is not None]
        for value, array in pairs:
            sharing.join(array, value)
            sharing.written(value)
        for value, array in pairs:
            sharing.become(value, array, changed=True)

    def walked(self, walked: Walked) -> None:
        """The body was walked: keep what it did to memory."""
        sharing = self.lo.builder.sharing
        self.eqns = walked.eqns
        self.after = sharing.snapshot() if sharing is not None else None

    # -- what the body did ---------------------------------------------------------------------

    def settle(self, ends: dict[str, list[Atom]], wider: Callable[[Type, Type], Type]) -> bool:
        """Take in what the names are at the end; False when the body has to be walked again."""
        if self._more_arrays():
            return False
        feeds = {name: iter(atoms) for name, atoms in ends.items()}
        self.exits = [
            next(feeds[name]) if array is None else self._now(array)
            for name, array in zip(self.names, self.arrays, strict=True)
        ]
        inside = {*self._inside(), *self.index}
        starts = [opened(p.type) for p in self.params]
        found = [
            starts[i] if e is UNSET else self._as_own(i, e.type) for i, e in enumerate(self.exits)
        ]
        new = [closed(wider(t, e), inside) for t, e in zip(starts, found, strict=True)]
        if new != starts:
            self.types = [opened(t) for t in new]
            return False
        return self._separate()

    def _as_own(self, slot: int, end: Type) -> Type:
        """The type at the end; a size that is the parameter's own may be another in each trip.

        It may have been found equal to another size: a trip in which it is not raises.
        """
        param = self.params[slot]
        if not (isinstance(end, Array) and isinstance(param.type, Array)):
            return end
        if len(end.dims) != len(param.type.dims):
            return end
        dims = tuple(
            x if self.owned.get((slot, i), -1) >= y.maybe_one else y
            for i, (x, y) in enumerate(zip(param.type.dims, end.dims, strict=True))
        )
        return Array(end.dtype, dims)

    def _now(self, array: Var) -> Var:
        assert self.after is not None
        return self.after.now(array)

    def _more_arrays(self) -> bool:
        """Are there arrays from outside that the body writes and that have no slot yet?"""
        if self.after is None or self.start is None:
            return False
        inside = self._inside()
        found = False
        for array, now in self.after.current.items():
            if array in inside or array in self.arrays or now is self.start.now(array):
                continue
            init = self.before.now(array) if self.before is not None else array
            if self.before is not None and self.before.is_stale(init):
                self.refuse(init)
            self.add("", init.hint, init, init.type, array)
            found = True
        return found

    def _inside(self) -> set[Var]:
        """All values that the body makes."""
        inside = set(self.params)
        for eqn in walk(self.eqns):
            inside.update(eqn.outs)
            for block in eqn.blocks:
                inside.update(block.params)
        return inside

    def _named(self) -> list[int]:
        return [
            i for i, (a, p) in enumerate(zip(self.arrays, self.params, strict=True))
            if a is None and has_memory(p)
        ]  # fmt: skip

    def _separate(self) -> bool:
        """Is every pair of names that was taken to be separate at the start so at the end?"""
        if self.after is None or self.before is None:
            return True
        named, inside = self._named(), self._inside()
        changed = False
        classes = {i: self._class_of_exit(i) for i in named}
        for i in named:
            for j in named:
                if i < j and (i, j) not in self.together:
                    both = classes[i] is not None and classes[i] is classes[j]
                    if both or self._start_together(i, j):
                        self.together.add((i, j))
                        changed = True
        self._outer_classes(named, inside)
        if changed:
            return False
        self._check(named, inside)
        listing.check_arrays_in_lists(self)
        self._check_hidden(inside)
        return True

    def _class_of_exit(self, i: int) -> Var | None:
        assert self.after is not None
        exit_ = self.exits[i]
        return self.after.find(exit_) if isinstance(exit_, Var) else None

    def _start_together(self, i: int, j: int) -> bool:
        assert self.before is not None
        a, b = self.inits[i], self.inits[j]
        if not (isinstance(a, Var) and isinstance(b, Var)):
            return False
        return self.before.find(a) is self.before.find(b)

    def _outer_classes(self, named: list[int], inside: set[Var]) -> None:
        """The classes from outside that each name may be of, in whichever trip."""
        assert self.after is not None
        assert self.before is not None
        before, after = self.before, self.after
        outer: dict[int, set[Var]] = {i: set() for i in named}
        for i in named:
            init = self.inits[i]
            if isinstance(init, Var) and has_memory(init):
                outer[i].add(before.find(init))
        outside = self._touched(inside)
        while True:
            size = sum(map(len, outer.values()))
            for i in named:
                root = self._class_of_exit(i)
                for j in named:
                    if root is not None and after.find(self.params[j]) is root:
                        outer[i] |= outer[j]
                for value in outside:
                    if root is not None and after.find(value) is root:
                        outer[i].add(before.find(value))
            if sum(map(len, outer.values())) == size:
                break
        self.outer = outer

    def _touched(self, inside: set[Var]) -> list[Var]:
        """The arrays from outside that the body uses, and those it writes."""
        used = [v for e in walk(self.eqns) for v in e.reads() if has_memory(v)]
        used += [e for e in self.exits if isinstance(e, Var) and has_memory(e)]
        used += [a for a in self.arrays if a is not None]
        return [v for v in dict.fromkeys(used) if v not in inside]

    def touched(self) -> list[Var]:
        """The arrays and lists from outside that the body uses or writes."""
        return self._touched(self._inside())

    def seen_outside(self, type_: Type) -> bool:
        """Can the sizes of a type be read outside the loop?"""
        inside = {*self._inside(), *self.index}
        return all(_visible(dim, inside) for dim in type_.dims)

    def written(self, i: int) -> bool:
        """Does the body write into the memory of a slot?"""
        assert self.after is not None
        assert self.start is not None
        root = self.after.find(self.params[i])
        before = self.start.writes.get(self.start.find(self.params[i]), 0)
        return self.after.writes.get(root, 0) > before

    def _check(self, named: list[int], inside: set[Var]) -> None:
        """Refuse where a name and a value from outside may be one array, and it is written."""
        assert self.before is not None
        assert self.after is not None
        for value in self._touched(inside):
            if value not in self.arrays and self.after.is_stale(value):
                self.refuse(value)  # the next trip would read what it was
            root = self.before.find(value)
            for i in named:
                if root not in self.outer[i]:
                    continue
                wrote = self.after.writes.get(self.after.find(value), 0)
                changed = wrote > self.before.writes.get(root, 0)
                if changed or self.written(i):
                    self.refuse(value)
        for i, j in self.together:
            if self.written(i) or self.written(j):
                self.refuse(self.params[i])

    def _check_hidden(self, inside: set[Var]) -> None:
        """Refuse where a trip leaves an array from outside that it uses out of date.

        It was written under a name of the loop's own that may be that array or another one.
        """
        assert self.before is not None
        assert self.after is not None
        rising: dict[Var, None] = {}
        for value in self._touched(inside):
            root = self.before.find(value)
            wrote = self.after.writes.get(self.after.find(value), 0)
            if wrote <= self.before.writes.get(root, 0):
                continue
            rising[root] = None
            if not isinstance(value.type, Array):
                continue
            for array in self._arrays_behind(value):
                if self.after.is_stale(self.after.now(array)):
                    self.refuse(value)
        self.rising = list(rising)

    def _arrays_behind(self, value: Var) -> list[Var]:
        """The arrays that a value from outside is, or is a view of."""
        assert self.before is not None
        found: list[Var] = []
        todo = [value]
        while todo:
            var = todo.pop()
            array = self.before.array(var)
            eqn = self.lo.builder.origin.get(var)
            if array is not None:
                found.append(array)
            elif eqn is not None and not eqn.blocks:
                todo += [a for a in eqn.args if isinstance(a, Var) and isinstance(a.type, Array)]
        return found

    def refuse(self, var: Var) -> None:
        """Refuse a loop that reaches an array that it writes in two ways."""
        name = f"{var.hint}: " if var.hint else ""
        self.lo.refuse(
            "CR056",
            f"{name}an array that this loop writes is also reached under another name or as a view",
            self.node,
            "copy it before the loop",
        )

    def out_types(self) -> list[Type]:
        """The types after the loop: that of the start where there is no trip, or that of the end."""
        inside = self._inside()
        found: list[Type] = []
        for init, end, param in zip(self.inits, self.exits, self.params, strict=True):
            type_ = end.type if init is UNSET else join(init.type, end.type) or param.type
            if isinstance(type_, Array):
                dims = (
                    d if _visible(d, inside) else fresh_dim("m", d.maybe_one) for d in type_.dims
                )
                type_ = Array(param.type.dtype, tuple(dims))
            else:
                type_ = param.type
            found.append(type_)
        return found

    # -- after the loop ------------------------------------------------------------------------

    def end(self, outs: list[Var]) -> None:
        """What the results share memory with, and what is out of date."""
        sharing = self.lo.builder.sharing
        if sharing is None or self.before is None:
            return
        written = [has_memory(p) and self.written(i) for i, p in enumerate(self.params)]
        held = listing.held_after(self)
        spent = sharing.spent | (self.after.spent if self.after is not None else set())
        sharing.restore(self.before)
        sharing.spent |= spent
        for root in self.rising:
            sharing.written(root)
        self._become(outs)
        named = self._named()
        for i in named:
            if written[i]:
                for root in self.outer[i]:
                    sharing.written(root)
        for i in named:
            others = {r for j in named if j != i for r in self.outer[j]}
            if not (written[i] and self.outer[i] & others):
                for root in self.outer[i]:
                    sharing.join(root, outs[i])
        for i in named:
            sharing.become(outs[i], outs[i], changed=False)
            if len(self.outer[i]) == 1 and not isinstance(self.inits[i], Var):
                sharing.line[outs[i]] = None
        for i, j in self.together:  # they may be one array: none is written after the loop
            if has_memory(outs[i]) and has_memory(outs[j]):
                sharing.join(outs[i], outs[j])
                sharing.line[outs[i]] = sharing.line[outs[j]] = None
        listing.hold_after(self, outs, held)


def _visible(dim: Dim, inside: set[Var]) -> bool:
    """Can a size be read outside the loop?"""
    roots = [s.root[0] for s in dim.terms if s.root is not None]
    factors = [f for s in dim.terms for f in s.factors]
    return not inside.intersection(roots) and all(_visible(f, inside) for f in factors)
