"""Lists in loops and branches: joining what they become, and the arrays in them."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from ..ir.program import Atom, Const, Eqn, Var, walk
from ..ir.types import Array, List, Scalar, Type
from ..rules.lists import closed
from . import growing, list_loops, list_writes
from .blocks import is_carried
from .values import Size, Struct, Value, structs

if TYPE_CHECKING:
    from .aliasing import Slots
    from .blocks import Walked
    from .lower import Lowerer


class Grows(Exception):
    """Raised by the walk of a loop that gives a list of known length another length."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Rebinds(Exception):
    """Raised by the walk of a loop that writes an object or a dict which it does not carry."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def check_length(name: str, before: Value, after: Value | None) -> None:
    """Is a list of known length another list after a trip? Then it has to become a variable."""
    if growing.is_known_list(before) and growing.kind_of(before) is not None:
        if growing.is_list(after) or growing.is_known_list(after):
            raise Grows(name)


def as_variable(lo: Lowerer, name: str, node: ast.AST) -> None:
    """Make a variable of a list of known length that a loop binds to other lists."""
    old = lo.locals[name]
    listed = growing.as_list(lo, old, node)
    assert listed is not None
    listed.hint, listed.user = name, True
    if isinstance(old, Struct) and old in lo.unit.lists:
        list_writes.become(lo, old, listed, node)
    lo.locals[name] = listed


def leaving(lo: Lowerer, walked: Walked, value: Value, before: Value, slots: Slots) -> Value:
    """What a loop carries on: a list where it began with one."""
    if not growing.is_list(before):
        return value
    if value in slots.known:
        _refuse_second_name(slots)
    return listed_at_end(lo, walked, value)


def check_names(walked: Walked, names: list[str], shape: dict[str, Value], slots: Slots) -> None:
    """Refuse a loop that gives one list two names, where it is a variable under one of them."""
    found: dict[Struct, str] = {}
    for name in names:
        value = walked.names.get(name)
        for part in structs(value) if value is not None else ():
            other = found.setdefault(part, name)
            both = (shape.get(name), shape.get(other))
            if growing.is_known_list(part) and other != name and any(map(growing.is_list, both)):
                _refuse_second_name(slots)


def _refuse_second_name(slots: Slots) -> NoReturn:
    slots.lo.refuse(
        "CR056",
        "a loop gives a second name to a list",
        slots.node,
        "make a copy of the list: ys = list(xs)",
    )


def freeze(lo: Lowerer, value: Value, known: frozenset[object]) -> None:
    """A list from before a loop that has a second name after it is not written any more."""
    if isinstance(value, Struct):
        if value in known:
            lo.unit.lists.discard(value)
        for item in value.items:
            freeze(lo, item, known)


class Merged:
    """Lists that come out of a branch."""

    def __init__(self, lo: Lowerer, sides: list[Walked]) -> None:
        self.lo, self.sides = lo, sides
        self.name = ""  # the name that is joined
        self.inside = {o for s in sides for e in walk(s.eqns) for o in e.outs}
        self.inside |= {p for s in sides for e in walk(s.eqns) for b in e.blocks for p in b.params}
        self.structs: dict[tuple[int, int], Struct] = {}
        self.became: dict[tuple[int, int], set[int]] = {}
        self.outs: dict[tuple[int, int], list[Value]] = {}
        self.kept: list[Value] = []  # so that their ids stay theirs

    def closed(self, type_: Type | None) -> Type | None:
        """The type after the branch."""
        return None if type_ is None else closed(type_, self.inside)

    def alike(self, a: Value, b: Value) -> tuple[Value, Value]:
        """Both as variables where one of them is, or where lengths differ."""
        lists = [growing.is_list(v) or growing.is_known_list(v) for v in (a, b)]
        if not all(lists) or (growing.is_list(a) and growing.is_list(b)):
            return a, b
        if isinstance(a, Struct) and isinstance(b, Struct) and len(a.items) == len(b.items):
            return a, b
        pair = (listed_at_end(self.lo, s, v) for s, v in zip(self.sides, (a, b), strict=True))
        return next(pair), next(pair)

    def struct(self, a: Struct, b: Struct, merge: Callable[[Value, Value], Value]) -> Struct:
        """Containers of one form, part by part; the same two make the same one."""
        key = (id(a), id(b))
        if key not in self.structs:
            items = tuple(merge(x, y) for x, y in zip(a.items, b.items, strict=True))
            out = self.structs[key] = Struct(a.cls, items, a.keys)
            self._writable(a, b, out)
        return self.structs[key]

    def _writable(self, a: Struct, b: Struct, out: Struct) -> None:
        """May the joined list be written? Not where one of the two may have another name."""
        lists, sharing = self.lo.unit.lists, self.lo.builder.sharing
        if sharing is None:
            return
        known = self.sides[0].lists
        new = all(v in sharing.spent or v not in known or self._is_its_own(v) for v in (a, b))
        if a in lists and b in lists and new:
            lists.add(out)
        else:
            lists.discard(a)
            lists.discard(b)

    def _is_its_own(self, value: Struct) -> bool:
        """Has a container that one side leaves as it is no other name than the one that is joined?"""
        frames = [frame.locals for frame in list_writes.frames(self.lo)]
        if sum(list_writes.holds(v, value) for names in frames[1:] for v in names.values()):
            return False
        within = [frames[0], *(side.names for side in self.sides)]
        found = {n for names in within for n, v in names.items() if list_writes.holds(v, value)}
        return found == {self.name}

    def joined(self, a: Value, b: Value, out: Value) -> None:
        """Note what became of two values."""
        self.kept += [a, b]
        for position, value in enumerate((a, b)):
            if isinstance(value, Struct):
                self.became.setdefault((position, id(value)), set()).add(id(out))
                self.outs.setdefault((position, id(value)), []).append(out)

    def finish(self) -> None:
        """One list that became several under its names is not written any more."""
        sharing = self.lo.builder.sharing
        for key, different in self.became.items():
            if len(different) > 1:
                for out in self.outs[key]:
                    if isinstance(out, Struct):
                        self.lo.unit.lists.discard(out)
                    elif isinstance(out, Var) and sharing is not None:
                        sharing.line[out] = None


def listed_at_end(lo: Lowerer, walked: Walked, value: Value) -> Value:
    """A list of known length as a variable that is made at the end of a block, if it can be one."""
    if not growing.is_known_list(value) or (type_ := growing.kind_of(value)) is None:
        return value
    if value in walked.became:
        return walked.became[value]
    atoms: list[Atom] = []
    for item in value.items:
        if isinstance(item, Size):
            size = Var("n", Scalar("int64", weak=True, dim=item.dim))
            walked.eqns.append(Eqn((size,), "size", (), {"dim": item.dim}))
            item = size
        assert isinstance(item, Var | Const)
        atoms.append(item)
    out = walked.became[value] = Var("", List(type_.element))
    walked.eqns.append(Eqn((out,), "list_new", tuple(atoms)))
    sharing = lo.builder.sharing
    if sharing is not None:
        sharing.note(walked.eqns[-1])
        if value not in lo.unit.lists:
            sharing.line[out] = None
        sharing.spent.add(value)
    return out


# -- arrays in lists -------------------------------------------------------------------------------


@dataclass
class Held:
    """What the arrays in a carried list may be: outer arrays, and other slots."""

    slot: int
    outer: list[Var]
    slots: list[int]


def _lists(slots: Slots) -> list[tuple[int, Var]]:
    """The carried lists of arrays, each with what stands for its arrays at the end of a trip."""
    if slots.after is None:
        return []
    found: list[tuple[int, Var]] = []
    for i, end in enumerate(slots.exits):
        held = slots.after.held.get(end) if isinstance(end, Var) else None
        if held is not None:
            found.append((i, slots.after.find(held)))
    return found


def held_after(slots: Slots) -> list[Held]:
    """What the arrays in carried lists may be after the loop, before memory is as it was."""
    after, result = slots.after, []
    if after is None:
        return []
    lists = _lists(slots)
    touched = slots.touched()
    for i, root in lists:
        outer = [v for v in touched if after.find(v) is root]
        held = (after.held[v] for v in touched if v in after.held)
        outer += [h for h in held if after.find(h) is root]
        others = [
            j for j, end in enumerate(slots.exits)
            if isinstance(end, Var) and isinstance(end.type, Array) and after.find(end) is root
        ]  # fmt: skip
        others += [j for j, other in lists if j != i and other is root]
        result.append(Held(i, outer, others))
    return result


def hold_after(slots: Slots, outs: list[Var], held: list[Held]) -> None:
    """Note after the loop what the arrays in carried lists may be."""
    sharing = slots.lo.builder.sharing
    assert sharing is not None
    for init, out in zip(slots.inits, outs, strict=False):
        sharing.hold_as(out, [init])
    for entry in held:
        mine = sharing.held.get(outs[entry.slot])
        if mine is None:
            continue
        for other in [*entry.outer, *(sharing.held.get(outs[j], outs[j]) for j in entry.slots)]:
            sharing.join(mine, other)
        sharing.stamp[mine] = sharing.writes.get(sharing.find(mine), 0)


def check_arrays_in_lists(slots: Slots) -> None:
    """Refuse a loop that writes an array which an earlier trip, or the code before, put in a list.

    The same for lists of known length that it writes and that are not carried.
    """
    after = slots.after
    if after is None or slots.start is None:
        return
    fresh = after.spent - slots.start.spent
    named = [
        v for v in slots.lo.locals.values() if v in fresh
    ]  # in an order that is always the same
    for spent in (*named, *fresh):
        if spent in slots.known and spent not in slots.carried:
            _refuse_known(slots, spent)
    for end in slots.exits:
        if isinstance(end, Var) and isinstance(end.type, List) and after.is_stale(end):
            slots.lo.refuse(
                "CR056",
                f"{end.hint or 'a list'} holds an array that is written after it was put there",
                slots.node,
                "put a copy of the array into the list",
            )
    for _, root in _lists(slots):
        for j in _reaching(slots, root):
            if slots.written(j):
                slots.refuse(slots.params[j])
        for value in slots.touched():
            if isinstance(value.type, Array) and after.find(value) is root:
                if after.is_stale(value):
                    slots.refuse(value)


def _refuse_known(slots: Slots, written: Struct) -> None:
    """A list of known length that a loop writes has to be a variable, or cannot be written."""
    lo = slots.lo
    if list_loops.is_rebound(written):
        names = [n for n, v in lo.locals.items() if list_writes.holds(v, written)]
        if len(names) == 1 and names[0] not in slots.names and is_carried(lo.locals[names[0]]):
            raise Rebinds(names[0])
        lo.refuse(
            "CR054",
            f"a {written.cls.__name__} that this loop writes has several names, or holds other things "
            "than numbers and arrays",
            slots.node,
            "use names for its parts",
        )
    name = next((n for n, v in lo.locals.items() if v is written), None)
    if name is not None and growing.kind_of(written) is not None:
        raise Grows(name)
    growing.refuse_items(lo, written, slots.node)


def _reaching(slots: Slots, root: Var) -> set[int]:
    """The carried arrays that may be in the list, or may come to be by the next trips."""
    assert slots.after is not None
    after, found = slots.after, set[int]()
    while True:
        size = len(found)
        for j, end in enumerate(slots.exits):
            if isinstance(end, Var) and isinstance(end.type, Array):
                now = after.find(end)
                if now is root or any(now is after.find(slots.params[k]) for k in found):
                    found.add(j)
        if len(found) == size:
            return found
