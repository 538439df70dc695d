"""Which values share memory while a program is built, and which are out of date.

Arrays are values here, so a write makes a new value; a view or a second name of the array that was
written would still be the old one, where Python sees the new contents. Values that may share memory
are in one class; a write makes every other value of its class *stale*. A stale value is replaced by
what it is now when it is used: another name of the written array by the array, a view whose base is
known by the same view of the base. What cannot be replaced is refused. Safe way to err: a class that
is too large refuses a program that is right.

A list is memory of its own, apart from that of the arrays in it: appending to a list leaves what was
read from it valid, and writing into an array that a list holds makes the list stale. A variable that
no program has stands for the arrays in a list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..ir.program import Atom, Eqn, Var
from ..ir.types import Array, List
from .memory import returns

WRITES = ("set_at", "add_at")
LIST_WRITES = ("list_append", "list_extend", "list_pop", "list_set")


@dataclass
class Sharing:
    """Classes of values that may share memory, with the number of writes into each.

    `line` is the array that a value is, under whatever name and however often written, None for
    views; `current` is what that array is now. `borrowed` arrays belong to a caller and must not be
    written. `held` has for each list what stands for the arrays in it. `spent` are lists of known
    length that were written since. `apart` has, for what a branch chose, the arrays that it may be
    on each side: they were separate before.
    """

    parent: dict[Var, Var] = field(default_factory=dict)
    writes: dict[Var, int] = field(default_factory=dict)
    stamp: dict[Var, int] = field(default_factory=dict)
    line: dict[Var, Var | None] = field(default_factory=dict)
    current: dict[Var, Var] = field(default_factory=dict)
    borrowed: set[Var] = field(default_factory=set)
    held: dict[Var, Var] = field(default_factory=dict)
    spent: set[Any] = field(default_factory=set)
    apart: dict[Var, tuple[frozenset[Var], ...]] = field(default_factory=dict)
    views: set[Var] = field(default_factory=set)  # that a layout makes views, and were written

    def find(self, var: Var) -> Var:
        """The representative of a value's class."""
        while var in self.parent:
            var = self.parent[var]
        return var

    def join(self, a: Var, b: Var) -> None:
        """Both may share memory from now on."""
        first, second = self.find(a), self.find(b)
        if first is not second:
            self.parent[second] = first
            self.writes[first] = max(self.writes.get(first, 0), self.writes.get(second, 0))

    def snapshot(self) -> Sharing:
        """The state as it is now."""
        copy = Sharing(dict(self.parent), dict(self.writes), dict(self.stamp), dict(self.line))
        copy.current = dict(self.current)
        copy.borrowed, copy.held, copy.spent = self.borrowed, dict(self.held), set(self.spent)
        copy.apart = self.apart
        return copy

    def restore(self, other: Sharing) -> None:
        """Go back to a snapshot."""
        self.parent, self.writes = dict(other.parent), dict(other.writes)
        self.stamp, self.line = dict(other.stamp), dict(other.line)
        self.current = dict(other.current)
        self.held, self.spent = {**self.held, **other.held}, set(other.spent)

    def merge(self, other: Sharing) -> None:
        """After a branch: what may be so on the other side may be so."""
        for child, parent in other.parent.items():
            self.join(parent, child)
        for var, count in other.writes.items():
            root = self.find(var)
            self.writes[root] = max(self.writes.get(root, 0), count)
        self.stamp = {**other.stamp, **self.stamp}
        self.line = {**other.line, **self.line}
        self.spent |= other.spent

    def is_stale(self, atom: Atom) -> bool:
        """Was the memory of this array or list, or of an array in it, written since it was made?"""
        if not isinstance(atom, Var) or not has_memory(atom):
            return False
        held = self.held.get(atom)
        return self._is_old(atom) or (held is not None and self._is_old(held))

    def _is_old(self, var: Var) -> bool:
        return self.stamp.get(var, 0) < self.writes.get(self.find(var), 0)

    def is_written(self, var: Var) -> bool:
        """Was the memory of this array written?"""
        return has_memory(var) and self.writes.get(self.find(var), 0) > 0

    def is_borrowed(self, var: Var) -> bool:
        """Does the memory belong to a caller?"""
        return any(self.find(b) is self.find(var) for b in self.borrowed)

    def array(self, var: Var) -> Var | None:
        """The array that a value is, None for a view of one."""
        return self.line.get(var, var)

    def now(self, array: Var) -> Var:
        """The value that an array has now."""
        return self.current.get(array, array)

    def note(self, eqn: Eqn) -> None:
        """Take in what an equation makes."""
        if eqn.blocks:
            return
        kind = returns(eqn)
        for position, out in enumerate(eqn.outs):
            if isinstance(out.type, List):
                self._note_list(eqn, out)
                continue
            sources = self._sources(eqn)
            if eqn.op == "call" and position in eqn.static.get("own", ()):
                continue
            popped = eqn.op == "list_pop" and position > 0
            if not isinstance(out.type, Array) or not sources or (kind == "fresh" and not popped):
                continue
            for source in sources[:1] if kind == "inplace" else sources:
                self.join(source, out)
            if eqn.op in WRITES:
                self.written(out)
            same = eqn.op in (*WRITES, "alias")
            self.become(out, self.array(sources[0]) if same else None, changed=eqn.op in WRITES)

        if eqn.op == "call":
            self._note_results(eqn)

    def _note_results(self, eqn: Eqn) -> None:
        """Results of a call that are not known to be memory of their own may be one array."""
        own = eqn.static.get("own", ())
        shared = [v for i, v in enumerate(eqn.outs) if i not in own and has_memory(v)]
        for kind in (Array, List):
            alike = [v for v in shared if isinstance(v.type, kind)]
            for other in alike[1:]:
                self.join(alike[0], other)
                self.line[other] = self.line[alike[0]] = None

    def _sources(self, eqn: Eqn) -> list[Var]:
        """The arrays among the arguments, and what stands for those in lists."""
        arrays = [a for a in eqn.args if isinstance(a, Var) and isinstance(a.type, Array)]
        return arrays + [self.held[a] for a in eqn.args if isinstance(a, Var) and a in self.held]

    def _note_list(self, eqn: Eqn, out: Var) -> None:
        """A list that an equation makes, and the arrays in it."""
        lists = [a for a in eqn.args if isinstance(a, Var) and isinstance(a.type, List)]
        array: Var | None = out
        if eqn.op in (*LIST_WRITES, "alias"):
            self.join(lists[0], out)
            array = self.array(lists[0])
        elif eqn.op == "call" and eqn.outs.index(out) not in eqn.static.get("own", ()):
            array = None
            for source in lists:
                self.join(source, out)
        if eqn.op in LIST_WRITES:
            self.written(out)
        self.become(out, array, changed=eqn.op in LIST_WRITES)
        fresh = eqn.op == "call" and array is out
        self.hold(out, [] if fresh else self._sources(eqn))

    def hold(self, out: Var, sources: list[Var]) -> None:
        """The arrays in a list may be any of the sources."""
        assert isinstance(out.type, List)
        if out.type.element is not None and not isinstance(out.type.element, Array):
            return
        held = self.held[out] = Var("", Array("float64", ()))
        for source in sources:
            self.join(source, held)
        self.stamp[held] = self.writes.get(self.find(held), 0)

    def hold_as(self, out: Var, lists: list[Any]) -> None:
        """The arrays in a list may be those of other lists."""
        if isinstance(out.type, List):
            self.hold(out, [self.held[v] for v in lists if isinstance(v, Var) and v in self.held])

    def roots(self, variables: list[Var]) -> list[Var]:
        """The classes of arrays and lists, and of the arrays in the lists."""
        found = [v for v in variables if has_memory(v)]
        return [self.find(v) for v in [*found, *(self.held[v] for v in found if v in self.held)]]

    def written(self, var: Var) -> None:
        """The memory of a value is written: all values of its class are stale."""
        root = self.find(var)
        self.writes[root] = self.writes.get(root, 0) + 1

    def become(self, var: Var, array: Var | None, *, changed: bool) -> None:
        """A value that is up to date, and which array it is; with `changed` what that is now."""
        self.line[var] = array
        self.stamp[var] = self.writes.get(self.find(var), 0)
        if changed and array is not None:
            self.current[array] = var

    def choose(self, out: Var, sources: list[Var], before: Sharing) -> None:
        """`out` is one of several arrays or views; those that were separate `before` stay so."""
        roots = [before.find(s) for s in sources]
        if len(set(roots)) == len(roots):
            arrays: dict[Var, set[Var]] = {root: set() for root in roots}
            for var, array in before.line.items():
                root = before.find(var)
                if root in arrays and array is not None:
                    arrays[root] |= {array}
            groups = ({*arrays[r], s} for r, s in zip(roots, sources, strict=True))
            self.apart[out] = tuple(map(frozenset, groups))
        for source in sources:
            self.same(out, source)

    def others(self, chosen: Var, side: int) -> list[Var]:
        """Arrays that are up to date, and not written by a write into what one side chose."""
        groups = self.apart.get(chosen, ())
        found = {self.now(a) for i, group in enumerate(groups) if i != side for a in group}
        return [v for v in found if not self.is_stale(v)]

    def keep(self, variables: list[Var]) -> None:
        """These are up to date after a write into another array of their class."""
        for var in variables:
            self.stamp[var] = self.writes.get(self.find(var), 0)

    def same(self, new: Var, old: Atom) -> None:
        """`new` is `old` at the start of a block, or after it."""
        if isinstance(old, Var) and has_memory(old) and has_memory(new):
            self.join(old, new)
            self.become(new, self.array(old), changed=False)
            self.hold_as(new, [old, new])


def has_memory(var: Var) -> bool:
    """Is it an array or a list?"""
    return isinstance(var.type, Array | List)
