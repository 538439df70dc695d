"""`sorted`, `sort`, and `min` and `max` with a key, of lists and of what is gone through.

What is known is ordered on the spot. Otherwise the places are ordered, or the best of them is found,
by the keys: `order = sorted(range(len(keys)), key=lambda i: keys[i])`, and the items are taken there.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from ..errors import PrimalRaises
from ..ir.program import Const, Var
from ..ir.types import Array
from ..rules.builder import const
from . import blocks, calls, comprehensions, growing, operands, operators, statics
from .values import Size, Static, Struct, Value, leaves, rebuild

if TYPE_CHECKING:
    from .lower import Lowerer


def ordered(lo: Lowerer, items: Value, options: dict[str, Value], node: ast.AST) -> Value:
    """The items in rising order of their keys, as a new list."""
    reverse = "reverse" in options and bool(statics.static_value(lo, options["reverse"], node))
    listed = listing(lo, items, node)
    keys = _keys(lo, listed, options.get("key"), node)
    if isinstance(listed, Struct):
        known = _known(lo, keys, node)
        if known is not None:
            try:
                order = sorted(range(len(known)), key=known.__getitem__, reverse=reverse)
            except TypeError as error:
                raise PrimalRaises(str(error), lo.span(node)) from None
            return growing.made(lo, Struct(list, tuple(listed.items[i] for i in order)))
        if growing.kind_of(listed) is None:
            return _rows_in_order(lo, listed, keys, reverse, node)
        listed = _variable(lo, listed, node)
    with operators.blamed(lo, node):
        keys_ = _variable(lo, keys, node)
        order_ = lo.builder.one("list_order", [keys_], {"reverse": reverse})
        return lo.builder.one("list_take", [listed, order_])


def _rows_in_order(lo: Lowerer, rows: Struct, keys: Value, reverse: bool, node: ast.AST) -> Value:
    """Containers of one form in the order of numbers: each of their parts in that order."""
    first = rows.items[0]
    parts = [list(leaves(row)) for row in rows.items]
    if not all(blocks.same_shape(row, first) and blocks.is_carried(row) for row in rows.items):
        growing.refuse_items(lo, rows, node)
    if keys is rows:
        lo.refuse(
            "CR033",
            "sorting containers of numbers from data without a key is not supported yet",
            node,
            "give a key: key=lambda row: row[0]",
        )
    order = lo.builder.one("list_order", [_variable(lo, keys, node)], {"reverse": reverse})
    columns: list[Var] = []
    for column in zip(*parts, strict=True):
        listed = _variable(lo, Struct(list, tuple(column)), node)
        columns.append(lo.builder.one("list_take", [listed, order]))
    found: list[Value] = []
    for place in range(len(rows.items)):
        feed = iter([growing.item(lo, c, const(place), node) for c in columns])
        found.append(rebuild(first, feed))
    return growing.made(lo, Struct(list, tuple(found)))


def best(
    lo: Lowerer, fun: Any, items: Value, options: dict[str, Value], node: ast.AST
) -> Value | None:
    """`min(items, key=f)`: the first item with the smallest key; None for no items."""
    listed = listing(lo, items, node)
    if isinstance(listed, Struct) and not listed.items:
        return None
    keys = _keys(lo, listed, options.get("key"), node)
    if isinstance(listed, Struct):
        known = _known(lo, keys, node)
        if known is not None:
            try:
                return listed.items[known.index(fun(known))]
            except TypeError as error:
                raise PrimalRaises(str(error), lo.span(node)) from None
        if growing.kind_of(Struct(list, listed.items)) is None:
            return _by_tests(lo, fun, listed, keys, node)
        listed = _variable(lo, listed, node)
    with operators.blamed(lo, node):
        keys_ = _variable(lo, keys, node)
        extreme = lo.builder.one("list_min" if fun is builtins.min else "list_max", [keys_])
        place = lo.builder.one("list_index", [keys_, extreme])
    return growing.item(lo, listed, place, node)


def _by_tests(lo: Lowerer, fun: Any, items: Struct, keys: Value, node: ast.AST) -> Value:
    """The best of items that are containers: one test for each."""
    assert isinstance(keys, Struct)
    frame = lo.inner()
    frame.locals |= {"best": items.items[0], "key": keys.items[0]}
    less = "other < key" if fun is builtins.min else "other > key"
    (test,) = ast.parse(f"if {less}:\n    best = item\n    key = other").body
    for part in ast.walk(test):
        ast.copy_location(part, node)
    for item, other in zip(items.items[1:], keys.items[1:], strict=True):
        frame.locals |= {"item": item, "other": other}
        frame.body([test])
    return frame.locals["best"]


def listing(lo: Lowerer, items: Value, node: ast.AST) -> Var | Struct:
    """What is gone through, as a list."""
    if growing.is_list(items):
        return items
    if isinstance(items, Var) and isinstance(items.type, Array) and items.type.dims:
        return growing.from_array(lo, items, node)
    return Struct(list, tuple(operands.iterate(lo, items, node)))


def copied(lo: Lowerer, items: Var, node: ast.AST) -> Value:
    """`list(items)`."""
    listed = listing(lo, items, node)
    return lo.builder.one("list_copy", [listed]) if listed is items else listed


def mapped(lo: Lowerer, fun: Value, items: Value, node: ast.AST) -> Value:
    """`[f(x) for x in items]`."""
    return comprehensions.of_function(lo, fun, items, node)


def _keys(lo: Lowerer, listed: Var | Struct, key: Value | None, node: ast.AST) -> Value:
    if key is None or (isinstance(key, Static) and key.obj is None):
        return listed
    if isinstance(listed, Struct):
        keys = (calls.call_value(lo, key, [item], {}, node) for item in listed.items)
        return Struct(list, tuple(keys))
    return mapped(lo, key, listed, node)


def _known(lo: Lowerer, keys: Value, node: ast.AST) -> list[Any] | None:
    """Keys that are known, or made known as part of the signature."""
    assert isinstance(keys, Struct)
    if not all(can_be_known(lo, key) for key in keys.items):
        return None
    return [statics.python_value(lo, key, node) for key in keys.items]


def can_be_known(lo: Lowerer, value: Value) -> bool:
    """Is it known, or can it be made so as part of the signature?"""
    if isinstance(value, Struct):
        return all(can_be_known(lo, item) for item in value.items)
    if isinstance(value, Var) and lo.builder.literal(value) is None:
        dim = statics.int_dim_of(value)
        return dim is not None and statics.demand_size(lo, dim) is not None
    if isinstance(value, Size):
        return value.dim.known is not None or statics.demand_size(lo, value.dim) is not None
    return isinstance(value, Const | Static | Var)


def _variable(lo: Lowerer, value: Value, node: ast.AST) -> Var:
    listed = growing.as_list(lo, value, node)
    if listed is None:
        assert isinstance(value, Struct)
        growing.refuse_items(lo, value, node)
    return listed
