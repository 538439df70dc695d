"""Which values share memory while a program is built, and which are out of date.

Arrays are values here, so a write makes a new value; a view or a second name of the array that was
written would still be the old one, where Python sees the new contents. Values that may share memory
are in one class; a write makes every other value of its class *stale*. A stale value is replaced by
what it is now when it is used: another name of the written array by the array, a view whose base is
known by the same view of the base. What cannot be replaced is refused. Safe way to err: a class that
is too large refuses a program that is right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..ir.program import Atom, Eqn, Var
from ..ir.types import Array
from .memory import returns

WRITES = ("set_at", "add_at")


@dataclass
class Sharing:
    """Classes of values that may share memory, with the number of writes into each.

    `line` is the array that a value is, under whatever name and however often written, None for
    views; `current` is what that array is now. `borrowed` arrays belong to a caller and must not be
    written.
    """

    parent: dict[Var, Var] = field(default_factory=dict)
    writes: dict[Var, int] = field(default_factory=dict)
    stamp: dict[Var, int] = field(default_factory=dict)
    line: dict[Var, Var | None] = field(default_factory=dict)
    current: dict[Var, Var] = field(default_factory=dict)
    borrowed: set[Var] = field(default_factory=set)
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
        copy.borrowed = self.borrowed
        return copy

    def restore(self, other: Sharing) -> None:
        """Go back to a snapshot."""
        self.parent, self.writes = dict(other.parent), dict(other.writes)
        self.stamp, self.line = dict(other.stamp), dict(other.line)
        self.current = dict(other.current)

    def merge(self, other: Sharing) -> None:
        """After a branch: what may be so on the other side may be so."""
        for child, parent in other.parent.items():
            self.join(parent, child)
        for var, count in other.writes.items():
            root = self.find(var)
            self.writes[root] = max(self.writes.get(root, 0), count)
        self.stamp = {**other.stamp, **self.stamp}
        self.line = {**other.line, **self.line}

    def is_stale(self, atom: Atom) -> bool:
        """Was the memory of this array written after the value was made?"""
        if not isinstance(atom, Var) or not isinstance(atom.type, Array):
            return False
        return self.stamp.get(atom, 0) < self.writes.get(self.find(atom), 0)

    def is_written(self, var: Var) -> bool:
        """Was the memory of this array written?"""
        return isinstance(var.type, Array) and self.writes.get(self.find(var), 0) > 0

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
        arrays = [a for a in eqn.args if isinstance(a, Var) and isinstance(a.type, Array)]
        kind = returns(eqn)
        for out in eqn.outs:
            if not isinstance(out.type, Array) or eqn.blocks:
                continue
            if kind == "fresh" or not arrays:
                continue
            for source in arrays[:1] if kind == "inplace" else arrays:
                self.join(source, out)
            if eqn.op in WRITES:
                self.written(out)
            same = eqn.op in (*WRITES, "alias")
            self.become(out, self.array(arrays[0]) if same else None, changed=eqn.op in WRITES)

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

    def same(self, new: Var, old: Atom) -> None:
        """`new` is `old` at the start of a block, or after it."""
        if isinstance(old, Var) and isinstance(old.type, Array) and isinstance(new.type, Array):
            self.join(old, new)
            self.become(new, self.array(old), changed=False)
