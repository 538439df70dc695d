"""Which values share memory while a program is built, and which are out of date.

Arrays are values here, so a write makes a new value; a view or a second name of the array that was
written would still be the old one, where Python sees the new contents. Values that may share memory
are in one class; a write makes every other value of its class *stale*, and using a stale value is
refused. Safe way to err: a class that is too large refuses a program that is right.

A list is memory of its own, apart from that of the arrays in it: appending to a list leaves what is
read from it valid, and writing into an array that a list holds makes the list stale. A variable that
no program has stands for the arrays in a list.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..ir.program import Atom, Eqn, Var
from ..ir.types import Array, List
from .memory import returns

WRITES = (
    "set_at", "add_at", "list_append", "list_extend", "list_pop", "list_set"
)  # fmt: skip


@dataclass
class Sharing:
    """Classes of values that may share memory, with the number of writes into each.

    `line` is the array that a value is, under whatever name and however often written; None for
    views. `borrowed` arrays belong to a caller and must not be written. `held` has for each list the
    variable that stands for its arrays. `spent` are lists of known length that were written since.
    """

    parent: dict[Var, Var] = field(default_factory=dict)
    writes: dict[Var, int] = field(default_factory=dict)
    stamp: dict[Var, int] = field(default_factory=dict)
    line: dict[Var, Var | None] = field(default_factory=dict)
    borrowed: set[Var] = field(default_factory=set)
    held: dict[Var, Var] = field(default_factory=dict)
    spent: set[Any] = field(default_factory=set)

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
        copy.borrowed, copy.held, copy.spent = self.borrowed, dict(self.held), set(self.spent)
        return copy

    def restore(self, other: Sharing) -> None:
        """Go back to a snapshot."""
        self.parent, self.writes = dict(other.parent), dict(other.writes)
        self.stamp, self.line = dict(other.stamp), dict(other.line)
        self.held, self.spent = {**self.held, **other.held}, set(other.spent)

    def is_stale(self, atom: Atom) -> bool:
        """Was the memory of this array or list, or that of an array in it, written since?"""
        if not isinstance(atom, Var) or not has_memory(atom):
            return False
        held = self.held.get(atom)
        if held is not None and self._is_old(held):
            return True
        return self._is_old(atom)

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
            if not isinstance(out.type, Array) or not sources:
                continue
            if kind == "fresh" and not (eqn.op == "list_pop" and position):
                continue
            for source in sources[:1] if kind == "inplace" else sources:
                self.join(source, out)
            if eqn.op in WRITES and not eqn.op.startswith("list_"):
                self._wrote(out)
            same = eqn.op in ("set_at", "add_at", "alias")
            self.line[out] = self.array(sources[0]) if same else None
            self.stamp[out] = self.writes.get(self.find(out), 0)

    def _sources(self, eqn: Eqn) -> list[Var]:
        """The arrays among the arguments, and what stands for those in lists."""
        arrays = [a for a in eqn.args if isinstance(a, Var) and isinstance(a.type, Array)]
        return arrays + [self.held[a] for a in eqn.args if isinstance(a, Var) and a in self.held]

    def _note_list(self, eqn: Eqn, out: Var) -> None:
        """A list that an equation makes, and the arrays in it."""
        lists = [a for a in eqn.args if isinstance(a, Var) and isinstance(a.type, List)]
        if eqn.op in WRITES:
            self.join(lists[0], out)
            self._wrote(out)
            self.line[out] = self.array(lists[0])
        elif eqn.op in ("alias", "call"):
            for source in lists:
                self.join(source, out)
            self.line[out] = self.array(lists[0]) if eqn.op == "alias" else None
        self.stamp[out] = self.writes.get(self.find(out), 0)
        self._hold(out, self._sources(eqn))

    def _hold(self, out: Var, sources: list[Var]) -> None:
        """The arrays in a list may be any of the sources."""
        assert isinstance(out.type, List)
        if out.type.element is not None and not isinstance(out.type.element, Array):
            return
        held = self.held[out] = Var("", Array("float64", ()))
        for source in sources:
            self.join(source, held)
        self.stamp[held] = self.writes.get(self.find(held), 0)

    def _wrote(self, out: Var) -> None:
        root = self.find(out)
        self.writes[root] = self.writes.get(root, 0) + 1

    def same(self, new: Var, old: Atom, *, stale: bool | None = None) -> None:
        """`new` is `old` at the start of a block, or after it; it is stale where the old one is."""
        if isinstance(old, Var) and has_memory(old) and has_memory(new):
            stale = self.is_stale(old) if stale is None else stale
            self.join(old, new)
            self.line[new] = self.array(old)
            if isinstance(new.type, List):
                held = [self.held[v] for v in (old, new) if v in self.held]
                self._hold(new, held)
            self.stamp[new] = -1 if stale else self.writes.get(self.find(new), 0)

    def tie(self, a: Var, b: Var) -> None:
        """Both may be one array or list, and what is in them one array."""
        self.join(a, b)
        if a in self.held and b in self.held:
            self.join(self.held[a], self.held[b])

    def roots(self, variables: list[Var]) -> list[Var]:
        """The classes of the arrays and lists among variables, and of the arrays in the lists."""
        found = [v for v in variables if has_memory(v)]
        return [self.find(v) for v in [*found, *(self.held[v] for v in found if v in self.held)]]


def has_memory(var: Var) -> bool:
    """Is it an array or a list?"""
    return isinstance(var.type, Array | List)
