"""Writes into lists and dicts: `xs[i] = v`, and what every name of a written list becomes.

A list whose length is known stays a `Struct`, and a write makes another one that every name of it is
bound to; the old one is *spent*, and using it is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from ..errors import PrimalRaises
from ..ir.program import Var
from ..ir.types import Array
from . import growing, list_methods, operators, statics, subscripts, writes
from .refusals import WritesArgument
from .values import Bound, Bounded, Closure, SliceValue, Struct, Value, python_class

if TYPE_CHECKING:
    from .lower import Lowerer


def is_written_list(value: Value) -> bool:
    """Does an in-place operator or a store on this value write a list?"""
    return growing.is_list(value) or growing.is_known_list(value) or growing.is_known_dict(value)


def store(lo: Lowerer, owner: Value, key: Value, value: Value, node: ast.AST) -> None:
    """`xs[i] = v`, `d[key] = v`."""
    if growing.is_known_dict(owner):
        name = statics.key_value(lo, key, node)
        entries = dict(zip(owner.keys or (), owner.items, strict=True)) | {name: value}
        new = growing.made(lo, Struct(owner.cls, tuple(entries.values()), tuple(entries)))
        become(lo, owner, new, node)
        return
    if isinstance(key, SliceValue):
        list_methods.store_slice(lo, owner, key, value, node)
        return
    if growing.is_known_list(owner) and not growing.is_data_index(lo, key):
        place = statics.known_int(lo, key, node)
        if not -len(owner.items) <= place < len(owner.items):
            raise PrimalRaises("IndexError: list assignment index out of range", lo.span(node))
        items = list(owner.items)
        items[place] = value
        replaced(lo, owner, tuple(items), node)
        return
    target = written(lo, owner, node)
    pattern = (growing.entry(lo, key, node),)
    part = growing.item_atom(lo, value, node)
    with operators.blamed(lo, node):
        out = lo.builder.one("list_set", [target, part], {"pattern": pattern})
    wrote(target, out)


def update(lo: Lowerer, owner: Value, node: ast.AugAssign, target: ast.Subscript) -> None:
    """`xs[i] += v`, `d[key] += v`."""
    key = lo.expr(target.slice)
    old = subscripts.index(lo, owner, key, target)
    if isinstance(old, Var) and isinstance(old.type, Array) and old.type.dims:
        if not growing.is_list(owner) and not growing.is_data_index(lo, key):
            writes.update_whole(lo, node, old)  # the array stays where it is
            return
        lo.refuse(
            "CR031",
            "an in-place operator on an array in a list whose length, or at a place that, is known "
            "only at run time is not supported",
            target,
            "write xs[i] = xs[i] + v",
        )
    value = lo.expr(node.value)
    if list_methods.is_changed(old) and list_methods.augmented(lo, node.op, old, value, node):
        return
    new = operators.binary(lo, node.op, old, value, node)
    sharing = lo.builder.sharing
    if sharing is not None and owner in sharing.spent:  # a defaultdict got an item by being read
        owner = lo.expr(target.value)
    store(lo, owner, key, new, target)


def written(lo: Lowerer, owner: Value, node: ast.AST, *, longer: bool = False) -> Var:
    """The list as a variable that may be written; `longer` says that its length changes."""
    sharing = lo.builder.sharing
    if growing.is_known_list(owner):
        listed = growing.as_list(lo, owner, node)
        if listed is None:
            lo.refuse_construct("write", node)
        become(lo, owner, listed, node)
        owner = listed
    if sharing is None:
        lo.refuse_construct("write", node)
    assert isinstance(owner, Var)
    target = growing.fresh(lo, owner)
    name = target.hint or "this list"
    if sharing.is_borrowed(target):
        raise WritesArgument(name, lo.span(node))
    if sharing.array(target) is None:
        lo.refuse(
            "CR058",
            f"{name} may be another list under a second name: writing into it is not supported yet",
            node,
            f"work on a copy, {name} = list({name})",
        )
    if longer and any(sharing.find(g) is sharing.find(target) for g in lo.unit.going):
        lo.refuse(
            "CR054",
            f"{name} changes its length while a loop goes through it",
            node,
            f"go through a copy: {name}.copy()",
        )
    return target


def wrote(target: Var, out: Var) -> Var:
    """The written list has the name of the list."""
    out.hint, out.user = target.hint, target.user
    return out


def rebound(lo: Lowerer, target: Var, new: Var) -> Var:
    """Another list takes the place of a list, under all names of that."""
    sharing = lo.builder.sharing
    assert sharing is not None
    sharing.join(target, new)
    sharing.written(new)
    sharing.become(new, sharing.array(target), changed=True)
    sharing.hold_as(new, [target, new])
    return wrote(target, new)


def drop(lo: Lowerer, owner: Struct, key: Value, node: ast.AST) -> Value:
    """`del d[key]`: what was there."""
    name = statics.key_value(lo, key, node)
    entries = dict(zip(owner.keys or (), owner.items, strict=True))
    if name not in entries:
        raise PrimalRaises(f"KeyError: {name!r}", lo.span(node))
    taken: Value = entries.pop(name)
    become(
        lo,
        owner,
        growing.made(lo, Struct(owner.cls, tuple(entries.values()), tuple(entries))),
        node,
    )
    return taken


def holds(value: Value, part: Value) -> bool:
    """Is it this value, or a container or a function with it?"""
    inner: Iterable[Value] = ()
    if isinstance(value, Struct):
        inner = value.items
    elif isinstance(value, Bound):
        inner = (value.owner,)
    elif isinstance(value, Closure):
        inner = value.defaults.values()
    return value is part or any(holds(item, part) for item in inner)


def _swapped(
    lo: Lowerer, value: Value, test: Callable[[Value], bool], new: Value, done: dict[int, Value]
) -> Value:
    """The value with the parts that pass a test replaced; `done` keeps one object one object."""
    if test(value):
        return new
    if isinstance(value, Bound):
        owner = _swapped(lo, value.owner, test, new, done)
        return value if owner is value.owner else Bound(owner, value.fun)
    if not isinstance(value, Struct):
        return value
    if id(value) not in done:
        items = tuple(_swapped(lo, item, test, new, done) for item in value.items)
        if all(a is b for a, b in zip(items, value.items, strict=True)):
            return value
        done[id(value)] = changed = Struct(value.cls, items, value.keys)
        if value in lo.unit.lists:
            lo.unit.lists.add(changed)
        if lo.builder.sharing is not None:
            lo.builder.sharing.spent.add(value)
    return done[id(value)]


def replaced(lo: Lowerer, old: Struct, items: tuple[Value, ...], node: ast.AST) -> Struct:
    """A written list of known length, bound to every name of the old one."""
    if issubclass(old.cls, Bounded):
        items = items[max(0, len(items) - old.cls.maxlen) :]
    new = growing.made(lo, Struct(old.cls, items))
    become(lo, old, new, node)
    return new


def become(lo: Lowerer, old: Struct, new: Value, node: ast.AST) -> None:
    """Bind every name of a list to what it became, in the frames around too."""
    sharing = lo.builder.sharing
    if sharing is None:
        lo.refuse_construct("write", node)
    if any(g is old for g in lo.unit.going):
        lo.refuse(
            "CR054",
            "a list is written while a loop goes through it",
            node,
            "go through a copy: xs.copy()",
        )
    if old in lo.unit.arguments:
        raise WritesArgument(next(iter(lo.locals), "a list"), lo.span(node))
    if old not in lo.unit.lists or old in sharing.spent:
        kind = python_class(old).__name__
        name = next((n for n, v in lo.locals.items() if holds(v, old)), "")
        lo.refuse(
            "CR057",
            f"{name or f'this {kind}'} may be a {kind} of the caller's, or one that has another name: "
            "writing into it is not supported yet",
            node,
            _instead(old, name),
        )
    here = [f for f in frames(lo) if f.depth == lo.depth]
    if not any(holds(v, old) for f in here for v in f.locals.values()):
        lo.refuse_construct("write", node)
    done: dict[int, Value] = {}
    for frame in here:  # the others follow when the branch or the loop ends, see `follow`
        for name, value in frame.locals.items():
            frame.locals[name] = _swapped(lo, value, lambda v: v is old, new, done)
    sharing.spent.add(old)


def _instead(old: Struct, name: str) -> str:
    """What to do where a container may not be written."""
    if old.cls not in (list, dict):
        return "make the object in the function, or return the new values"
    return f"work on a copy, {name} = {old.cls.__name__}({name})" if name else "work on a copy"


def follow(lo: Lowerer, old: Value, new: Value) -> None:
    """After a branch or a loop that wrote containers: bind the names of the frames around too."""
    if not (isinstance(old, Struct) and isinstance(new, Struct)) or old is new:
        return
    if old in lo.unit.lists and old.cls is new.cls:
        done: dict[int, Value] = {}
        for frame in frames(lo):
            if frame.depth == lo.depth:
                for name, value in frame.locals.items():
                    frame.locals[name] = _swapped(lo, value, lambda v: v is old, new, done)
    if len(old.items) == len(new.items):
        for one, other in zip(old.items, new.items, strict=True):
            follow(lo, one, other)


def frames(lo: Lowerer) -> Iterator[Lowerer]:
    """The frame and those around it."""
    frame: Lowerer | None = lo
    while frame is not None:
        yield frame
        frame = frame.parent
