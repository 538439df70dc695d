"""Methods of lists: `append`, `pop`, `insert` and the like."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from ..errors import PrimalRaises
from ..ir.program import Const, Var
from ..ir.types import Array
from . import growing, list_writes, operands, operators, statics
from .values import SliceValue, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_UNWRITTEN: Final = {
    "insert": "build a new list: xs[:i] + [v] + xs[i:]",
    "remove": "build a new list: [x for x in xs if ...]",
    "sort": "use np.sort on an array",
    "clear": "bind the name to a new list: xs = []",
    "reverse": "build a new list: xs[::-1]",
}


def method(lo: Lowerer, owner: Value, name: str, args: list[Value], node: ast.AST) -> Value | None:
    """A method of a list; None for one that is not known."""
    if name == "copy" and not args:
        if growing.is_list(owner):
            return lo.builder.one("list_copy", [owner])
        assert isinstance(owner, Struct)
        return growing.made(lo, Struct(list, owner.items))
    if name == "append" and len(args) == 1:
        _append(lo, owner, args[0], node)
        return Static(None)
    if name == "extend" and len(args) == 1:
        extend(lo, owner, args[0], node)
        return Static(None)
    if name == "pop" and len(args) <= 1:
        return _pop(lo, owner, args, node)
    if growing.is_known_list(owner) and name in ("insert", "clear", "reverse"):
        return _known_method(lo, owner, name, args, node)
    if name in _UNWRITTEN:
        help = _UNWRITTEN[name]
        lo.refuse("CR015", f"the method {name} of a list is not supported yet", node, help)
    return None


def _known_method(
    lo: Lowerer, owner: Struct, name: str, args: list[Value], node: ast.AST
) -> Value | None:
    items = list(owner.items)
    if name == "insert" and len(args) == 2:
        items.insert(statics.known_int(lo, args[0], node), args[1])
    elif name == "clear" and not args:
        items = []
    elif name == "reverse" and not args:
        items = items[::-1]
    else:
        return None
    list_writes.replaced(lo, owner, tuple(items), node)
    return Static(None)


def _append(lo: Lowerer, owner: Value, value: Value, node: ast.AST) -> Value:
    if growing.is_known_list(owner):
        return list_writes.replaced(lo, owner, (*owner.items, value), node)
    target = list_writes.written(lo, owner, node, longer=True)
    part = growing.item_atom(lo, value, node)
    with operators.blamed(lo, node):
        out = lo.builder.one("list_append", [target, part])
    return list_writes.wrote(target, out)


def _pop(lo: Lowerer, owner: Value, args: list[Value], node: ast.AST) -> Value:
    place = statics.known_int(lo, args[0], node) if args else -1
    if growing.is_known_list(owner):
        items = list(owner.items)
        try:
            taken = items.pop(place)
        except IndexError as error:
            raise PrimalRaises(f"IndexError: {error}", lo.span(node)) from None
        list_writes.replaced(lo, owner, tuple(items), node)
        return taken
    if place != -1:
        lo.refuse(
            "CR015",
            f"pop({place}) of a list whose length is known only at run time is not supported yet",
            node,
            "pop from its end, or keep the index of the first item",
        )
    target = list_writes.written(lo, owner, node, longer=True)
    result = lo.builder.apply("list_pop", [target])
    assert isinstance(result, tuple)
    rest, last = result
    list_writes.wrote(target, rest)
    return last


def extend(lo: Lowerer, owner: Value, value: Value, node: ast.AST) -> None:
    """`xs.extend(ys)`, `xs += ys`."""
    if growing.is_list(value) or (isinstance(value, Var) and isinstance(value.type, Array)):
        if isinstance(value.type, Array):
            value = growing.from_array(lo, value, node)
        target = list_writes.written(lo, owner, node, longer=True)
        with operators.blamed(lo, node):
            out = lo.builder.one("list_extend", [target, value])
        list_writes.wrote(target, out)
        return
    items = tuple(operands.iterate(lo, value, node))
    if growing.is_known_list(owner):
        list_writes.replaced(lo, owner, owner.items + items, node)
        return
    for part in items:
        owner = _append(lo, owner, part, node)


def delete(lo: Lowerer, target: ast.expr, node: ast.Delete) -> None:
    """`del xs[-1]`."""
    if isinstance(target, ast.Subscript):
        owner = lo.expr(target.value)
        if growing.is_list(owner) or growing.is_known_list(owner):
            key = lo.expr(target.slice)
            if not isinstance(key, SliceValue):
                _pop(lo, owner, [key], target)
                return
    lo.refuse_construct("Delete", node)


def to_list(lo: Lowerer, value: Var | Const, node: ast.AST) -> Value:
    """`x.tolist()` of an array of rank 1."""
    if len(value.type.dims) != 1:
        lo.refuse("CR015", "tolist() of an array that is no vector is not supported yet", node)
    return lo.builder.one("list_from", [value], {"tolist": True})
