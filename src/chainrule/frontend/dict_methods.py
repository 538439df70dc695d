"""Dicts and sets whose keys are known: their methods, `defaultdict`, `set`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..errors import PrimalRaises
from ..rules.builder import const
from . import calls, growing, list_writes, operands, statics
from .describing import describe
from .values import Defaulting, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

Handler = Callable[["Lowerer", Struct, list[Value], dict[str, Value], ast.AST], Value]


def method(
    lo: Lowerer,
    owner: Struct,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value | None:
    """A method that writes a dict or a set, or copies it; None for another one."""
    table = _OF_SETS if owner.cls is set else _OF_DICTS if owner.is_dict else {}
    least, most, handler = table.get(name, (0, -1, None))
    if handler is None or not least <= len(args) <= most or (kwargs and name != "update"):
        return None
    return handler(lo, owner, args, kwargs, node)


def entries_of(owner: Struct) -> dict[Any, Value]:
    """Keys and values."""
    return dict(zip(owner.keys or (), owner.items, strict=True))


def become(lo: Lowerer, owner: Struct, entries: dict[Any, Value], node: ast.AST) -> Struct:
    """A dict with other entries in its place."""
    new = growing.made(lo, Struct(owner.cls, tuple(entries.values()), tuple(entries)))
    list_writes.become(lo, owner, new, node)
    return new


def pairs_of(lo: Lowerer, value: Value, node: ast.AST) -> dict[Any, Value]:
    """The entries of a dict, or of pairs."""
    if isinstance(value, Struct) and value.is_dict:
        return entries_of(value)
    found: dict[Any, Value] = {}
    for pair in operands.iterate(lo, value, node):
        key, item = operands.iterate(lo, pair, node)
        found[statics.key_value(lo, key, node)] = item
    return found


def missing(lo: Lowerer, owner: Struct, key: Any, node: ast.AST) -> Value:
    """`d[key]` of a key that is not there: an error, or what a `defaultdict` puts there."""
    if not issubclass(owner.cls, Defaulting):
        raise PrimalRaises(f"KeyError: {key!r}", lo.span(node))
    value = calls.call_value(lo, owner.cls.factory, [], {}, node)
    become(lo, owner, entries_of(owner) | {key: value}, node)
    return value


def defaultdict(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`defaultdict(float)`: a dict of a class of its own, which has the factory."""
    factory = args[0] if args else Static(None)
    entries = pairs_of(lo, args[1], node) if len(args) > 1 else {}
    cls: type = dict
    if not (isinstance(factory, Static) and factory.obj is None):
        cls = type("defaultdict", (Defaulting,), {"factory": factory})
    return growing.made(lo, Struct(cls, tuple(entries.values()), tuple(entries)))


# -- dicts -----------------------------------------------------------------------------------------


def _setdefault(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    key, entries = statics.key_value(lo, args[0], node), entries_of(owner)
    if key in entries:
        return entries[key]
    value = args[1] if len(args) > 1 else Static(None)
    become(lo, owner, entries | {key: value}, node)
    return value


def _update(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    more = pairs_of(lo, args[0], node) if args else {}
    become(lo, owner, entries_of(owner) | more | kwargs, node)
    return Static(None)


def _pop(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    if len(args) > 1 and statics.key_value(lo, args[0], node) not in (owner.keys or ()):
        return args[1]
    return list_writes.drop(lo, owner, args[0], node)


def _popitem(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    entries = entries_of(owner)
    if not entries:
        raise PrimalRaises("KeyError: popitem(): dictionary is empty", lo.span(node))
    key, value = entries.popitem()
    become(lo, owner, entries, node)
    return Struct(tuple, (lo.wrap(key, node), value))


def _clear(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    become(lo, owner, {}, node)
    return Static(None)


def _copy(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    return growing.made(lo, Struct(owner.cls, owner.items, owner.keys))


# -- sets ------------------------------------------------------------------------------------------


def set_of(lo: Lowerer, items: list[Value], node: ast.AST) -> Struct:
    """A set of known items, in the order in which Python goes through it."""
    known: set[Any] = set()
    for item in items:
        known.add(statics.key_value(lo, item, node))
    return growing.made(lo, Struct(set, tuple(lo.wrap(v, node) for v in known)))


def _known(lo: Lowerer, value: Value, node: ast.AST) -> set[Any]:
    return {statics.key_value(lo, v, node) for v in operands.iterate(lo, value, node)}


def _changed(lo: Lowerer, owner: Struct, items: set[Any], node: ast.AST) -> Value:
    new = growing.made(lo, Struct(set, tuple(lo.wrap(v, node) for v in items)))
    list_writes.become(lo, owner, new, node)
    return Static(None)


def _writing(change: Callable[[set[Any], Any], None]) -> Handler:
    """`add`, `discard`, `remove` of one item."""

    def handler(
        lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value:
        items = _known(lo, owner, node)
        try:
            change(items, statics.key_value(lo, args[0], node))
        except KeyError as error:
            raise PrimalRaises(f"KeyError: {error}", lo.span(node)) from None
        return _changed(lo, owner, items, node)

    return handler


def _set_update(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    items = _known(lo, owner, node)
    for value in args:
        items |= _known(lo, value, node)
    return _changed(lo, owner, items, node)


def _set_clear(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    return _changed(lo, owner, set(), node)


def _set_copy(
    lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    return growing.made(lo, Struct(set, owner.items))


def _joining(name: str) -> Handler:
    """`union`, `intersection`, `difference`: a new set, or a test."""

    def handler(
        lo: Lowerer, owner: Struct, args: list[Value], kwargs: dict[str, Value], node: ast.AST
    ) -> Value:
        found = getattr(_known(lo, owner, node), name)(*(_known(lo, a, node) for a in args))
        if isinstance(found, bool):
            return const(found)
        return growing.made(lo, Struct(set, tuple(lo.wrap(v, node) for v in found)))

    return handler


def set_operator(
    lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST
) -> Value | None:
    """`a | b`, `a & b`, `a - b`, `a ^ b` of sets; `a | b` of dicts."""
    if not (isinstance(left, Struct) and isinstance(right, Struct)):
        return None
    if left.is_dict and right.is_dict and isinstance(op, ast.BitOr):
        entries = entries_of(left) | entries_of(right)
        return growing.made(lo, Struct(dict, tuple(entries.values()), tuple(entries)))
    names = {
        ast.BitOr: "union", ast.BitAnd: "intersection", ast.Sub: "difference",
        ast.BitXor: "symmetric_difference",
    }  # fmt: skip
    if left.cls is not set or type(op) not in names:
        return None
    if right.cls is not set:
        raise PrimalRaises(f"a set and {describe(right)}", lo.span(node))
    return _joining(names[type(op)])(lo, left, [right], {}, node)


_OF_DICTS: Final[dict[str, tuple[int, int, Handler]]] = {
    "setdefault": (1, 2, _setdefault),
    "update": (0, 1, _update),
    "pop": (1, 2, _pop),
    "popitem": (0, 0, _popitem),
    "clear": (0, 0, _clear),
    "copy": (0, 0, _copy),
}
_OF_SETS: Final[dict[str, tuple[int, int, Handler]]] = {
    "add": (1, 1, _writing(set.add)),
    "discard": (1, 1, _writing(set.discard)),
    "remove": (1, 1, _writing(set.remove)),
    "update": (0, 99, _set_update),
    "clear": (0, 0, _set_clear),
    "copy": (0, 0, _set_copy),
    **{
        name: (0, 99, _joining(name))
        for name in ("union", "intersection", "difference", "symmetric_difference",
                     "issubset", "issuperset", "isdisjoint")
    },
}  # fmt: skip
