"""Methods of lists: `append`, `pop`, `insert`, `sort` and the like; `del xs[i]`.

What no operation of a list does in place is written as a new list that takes the place of the old
one under all its names: `xs.insert(i, v)` is `xs[:i] + [v] + xs[i:]`.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..errors import PrimalRaises
from ..ir.dims import Dim
from ..ir.program import Const, Var
from ..ir.types import Array, Scalar
from ..rules.builder import const
from . import growing, list_orders, list_writes, operands, operators, statics
from .values import Bounded, Size, SliceValue, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

Handler = Callable[["Lowerer", Any, list[Value], ast.AST], Value]


def method(
    lo: Lowerer, owner: Value, name: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value | None:
    """A method of a list; None for one that is not known."""
    if name == "sort" and not args:
        return _sort(lo, owner, kwargs, node)
    least, most, known, variable = _METHODS.get(name, (0, -1, None, None))
    if kwargs or not least <= len(args) <= most:
        return None
    handler: Handler | None = known if growing.is_known_list(owner) else variable
    return None if handler is None else handler(lo, owner, args, node)


# -- of known length -------------------------------------------------------------------------------


def _known_copy(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    return growing.made(lo, Struct(owner.cls, owner.items))


def _known_append(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    return _replaced(lo, owner, [*owner.items, args[0]], node)


def _known_insert(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    if growing.is_data_index(lo, args[0]):
        return _insert(lo, list_writes.written(lo, owner, node), args, node)
    items = list(owner.items)
    items.insert(statics.known_int(lo, args[0], node), args[1])
    return _replaced(lo, owner, items, node)


def _known_pop(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    if args and growing.is_data_index(lo, args[0]):
        return _pop(lo, list_writes.written(lo, owner, node), args, node)
    items = list(owner.items)
    try:
        taken = items.pop(statics.known_int(lo, args[0], node) if args else -1)
    except IndexError as error:
        raise PrimalRaises(f"IndexError: {error}", lo.span(node)) from None
    _replaced(lo, owner, items, node)
    return taken


def _known_clear(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    return _replaced(lo, owner, [], node)


def _known_reverse(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    return _replaced(lo, owner, list(owner.items[::-1]), node)


def _known_remove(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    items = list(owner.items)
    del items[_place(lo, owner, args[0], node)]
    return _replaced(lo, owner, items, node)


def _known_index(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    if not list_orders.can_be_known(lo, Struct(list, (*owner.items, args[0]))):
        return _in_variable(lo, owner, _index, args, node)
    return const(_place(lo, owner, args[0], node))


def _known_count(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    if not list_orders.can_be_known(lo, Struct(list, (*owner.items, args[0]))):
        return _in_variable(lo, owner, _count, args, node)
    wanted = statics.python_value(lo, args[0], node)
    return const([statics.python_value(lo, v, node) for v in owner.items].count(wanted))


def _replaced(lo: Lowerer, owner: Struct, items: list[Value], node: ast.AST) -> Value:
    list_writes.replaced(lo, owner, tuple(items), node)
    return Static(None)


def _place(lo: Lowerer, owner: Struct, value: Value, node: ast.AST) -> int:
    """Where a known item is in a list of known items."""
    wanted = statics.python_value(lo, value, node)
    try:
        return [statics.python_value(lo, v, node) for v in owner.items].index(wanted)
    except ValueError as error:
        raise PrimalRaises(f"ValueError: {error}", lo.span(node)) from None


def _in_variable(
    lo: Lowerer, owner: Struct, handler: Handler, args: list[Value], node: ast.AST
) -> Value:
    listed = growing.as_list(lo, owner, node)
    if listed is None:
        growing.refuse_items(lo, owner, node)
    return handler(lo, listed, args, node)


# -- of a length that is known only at run time ----------------------------------------------------


def _copy(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    return lo.builder.one("list_copy", [owner])


def append(lo: Lowerer, owner: Value, value: Value, node: ast.AST) -> Value:
    """`xs.append(v)`: the list as it is then."""
    if growing.is_known_list(owner):
        return list_writes.replaced(lo, owner, (*owner.items, value), node)
    target = list_writes.written(lo, owner, node, longer=True)
    part = growing.item_atom(lo, value, node)
    with operators.blamed(lo, node):
        out = lo.builder.one("list_append", [target, part])
    return list_writes.wrote(target, out)


def _append(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    append(lo, owner, args[0], node)
    return Static(None)


def _extend(lo: Lowerer, owner: Value, args: list[Value], node: ast.AST) -> Value:
    extend(lo, owner, args[0], node)
    return Static(None)


def _pop(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    place = _literal_place(lo, args[0], node) if args else -1
    if place == -1:
        target = list_writes.written(lo, owner, node, longer=True)
        result = lo.builder.apply("list_pop", [target])
        assert isinstance(result, tuple)
        rest, last = result
        list_writes.wrote(target, rest)
        return last
    key = args[0]
    taken = growing.item(lo, owner, key, node)
    _without(lo, owner, key if place is None else const(place), node)
    return taken


def _literal_place(lo: Lowerer, value: Value, node: ast.AST) -> int | None:
    """An index that is known; None for one that depends on data."""
    if growing.is_data_index(lo, value):
        return None
    return statics.known_int(lo, value, node)


def _without(lo: Lowerer, owner: Var, key: Value, node: ast.AST) -> None:
    """The list without one of its items."""
    if not isinstance(key, Const):  # it may count from the end
        key = operators.binary(lo, ast.Mod(), key, growing.length_of(lo, owner), node)
    after = operators.binary(lo, ast.Add(), key, const(1), node)
    _joined(
        lo, owner, [_part(lo, owner, None, key, node), _part(lo, owner, after, None, node)], node
    )


def _insert(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    key, value = args
    part = growing.item_atom(lo, value, node)
    new = lo.builder.one("list_new", [part])
    parts = [_part(lo, owner, None, key, node), new, _part(lo, owner, key, None, node)]
    return _joined(lo, owner, parts, node)


def _clear(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    return _joined(lo, owner, [lo.builder.one("list_new", [])], node)


def _reverse(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    return _joined(lo, owner, [growing.reversed_of(lo, owner, node)], node)


def _remove(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    place = lo.builder.one("list_index", [owner, operands.atom(lo, args[0], node)])
    after = operators.binary(lo, ast.Add(), place, const(1), node)
    parts = [_part(lo, owner, None, place, node), _part(lo, owner, after, None, node)]
    return _joined(lo, owner, parts, node)


def _index(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    with operators.blamed(lo, node):
        return lo.builder.one("list_index", [owner, operands.atom(lo, args[0], node)])


def _count(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    with operators.blamed(lo, node):
        return lo.builder.one("list_count", [owner, operands.atom(lo, args[0], node)])


def _part(
    lo: Lowerer, owner: Var, start: Value | None, stop: Value | None, node: ast.AST
) -> Var | None:
    """`xs[start:stop]`; None for what surely is nothing."""
    bounds: list[int | Dim | None] = []
    for value in (start, stop):
        dim = None if value is None else statics.int_dim_of(value)
        if value is not None and dim is None:
            raise PrimalRaises("list indices must be integers or slices", lo.span(node))
        bounds.append(None if dim is None else dim if dim.known is None else dim.known)
    if bounds[1] == 0 and stop is not None:
        return None
    part = growing.item(lo, owner, SliceValue(bounds[0], bounds[1], None), node)
    assert isinstance(part, Var)
    return part


def _joined(lo: Lowerer, owner: Var, parts: list[Var | None], node: ast.AST) -> Value:
    """The list becomes the parts one after the other, under all its names."""
    target = list_writes.written(lo, owner, node, longer=True)
    there = [part for part in parts if part is not None]
    new = there[0]
    for part in there[1:]:
        with operators.blamed(lo, node):
            new = lo.builder.one("list_concat", [new, part])
    list_writes.rebound(lo, target, new)
    return Static(None)


# -- both ------------------------------------------------------------------------------------------


def _sort(lo: Lowerer, owner: Value, kwargs: dict[str, Value], node: ast.AST) -> Value | None:
    """`xs.sort(key=f, reverse=True)`."""
    if set(kwargs) - {"key", "reverse"}:
        return None
    ordered = list_orders.ordered(lo, owner, kwargs, node)
    if growing.is_known_list(owner):
        if growing.is_known_list(ordered):
            return _replaced(lo, owner, list(ordered.items), node)
        list_writes.become(lo, owner, ordered, node)
        return Static(None)
    assert growing.is_list(owner)
    assert growing.is_list(ordered)
    list_writes.rebound(lo, list_writes.written(lo, owner, node, longer=True), ordered)
    return Static(None)


def is_changed(value: Value) -> bool:
    """Does an in-place operator change this container itself, under all its names?"""
    return list_writes.is_written_list(value) or (isinstance(value, Struct) and value.cls is set)


def augmented(lo: Lowerer, op: ast.operator, owner: Value, value: Value, node: ast.AST) -> bool:
    """`xs += ys`, `xs *= n`, `d |= e`, `a -= b`; False for what makes something else."""
    lists = growing.is_list(owner) or growing.is_known_list(owner)
    if lists and isinstance(op, ast.Add):
        extend(lo, owner, value, node)
        return True
    if lists and not (isinstance(op, ast.Mult) and statics.int_dim_of(value) is not None):
        return False
    new = operators.binary(lo, op, owner, value, node)
    if growing.is_list(owner):
        assert growing.is_list(new)
        list_writes.rebound(lo, list_writes.written(lo, owner, node, longer=True), new)
    elif growing.is_known_list(owner) and growing.is_known_list(new):
        list_writes.replaced(lo, owner, new.items, node)
    else:
        assert isinstance(owner, Struct)
        list_writes.become(lo, owner, new, node)
    return True


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
        owner = append(lo, owner, part, node)


def delete(lo: Lowerer, target: ast.expr, node: ast.Delete) -> None:
    """`del xs[i]`, `del xs[a:b]`, `del d[key]`."""
    if not isinstance(target, ast.Subscript):
        lo.refuse_construct("Delete", node)
    owner, key = lo.expr(target.value), lo.expr(target.slice)
    if growing.is_known_dict(owner):
        list_writes.drop(lo, owner, key, target)
    elif isinstance(key, SliceValue) and (growing.is_list(owner) or growing.is_known_list(owner)):
        store_slice(lo, owner, key, Struct(list, ()), target)
    elif growing.is_known_list(owner):
        _known_pop(lo, owner, [key], target)
    elif growing.is_list(owner):
        _pop(lo, owner, [key], target)
    else:
        lo.refuse_construct("Delete", node)


def store_slice(lo: Lowerer, owner: Value, key: SliceValue, value: Value, node: ast.AST) -> None:
    """`xs[a:b] = ys`."""
    if growing.is_known_list(owner) and not growing.is_list(value):
        items = list(owner.items)
        parts = [
            statics.known_int(lo, Size(p), node) if isinstance(p, Dim) else p
            for p in (key.start, key.stop, key.step)
        ]
        try:
            items[slice(*parts)] = operands.iterate(lo, value, node)
        except ValueError as error:
            raise PrimalRaises(f"ValueError: {error}", lo.span(node)) from None
        list_writes.replaced(lo, owner, tuple(items), node)
        return
    target = list_writes.written(lo, owner, node)
    ends = (key.start, key.stop)
    known = all(isinstance(p, int | None) for p in ends)
    one_end = key.start in (None, 0) or key.stop is None
    same_side = known and not one_end and (key.start < 0) is (key.stop < 0)  # type: ignore[operator]
    if key.step not in (None, 1) or not (one_end or (same_side and key.start <= key.stop)):  # type: ignore[operator]
        lo.refuse(
            "CR031",
            "writing into this slice of a list whose length is known only at run time is not supported",
            node,
            "build a new list: xs[:a] + ys + xs[b:]",
        )
    new = growing.as_list(
        lo,
        Struct(list, tuple(operands.iterate(lo, value, node)))
        if not growing.is_list(value)
        else value,
        node,
    )
    if new is None:
        lo.refuse_construct("write", node)
    if new is value:
        new = lo.builder.one("list_copy", [new])
    before, after = SliceValue(None, key.start, None), SliceValue(key.stop, None, None)
    parts_: list[Var | None] = []
    if key.start not in (None, 0):
        parts_.append(growing.item(lo, target, before, node))  # type: ignore[arg-type]
    parts_.append(new)
    if key.stop is not None:
        parts_.append(growing.item(lo, target, after, node))  # type: ignore[arg-type]
    _joined(lo, target, parts_, node)


def to_list(lo: Lowerer, value: Var | Const, node: ast.AST) -> Value:
    """`x.tolist()` of an array of rank 1, or of a number."""
    if not value.type.dims and isinstance(value.type, Scalar):
        return lo.builder.one("item", [value])
    if len(value.type.dims) != 1:
        lo.refuse("CR015", "tolist() of an array that is no vector is not supported yet", node)
    return lo.builder.one("list_from", [value], {"tolist": True})


def _known_appendleft(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    items = [args[0], *owner.items]
    if issubclass(owner.cls, Bounded):
        items = items[: owner.cls.maxlen]
    return _replaced(lo, owner, items, node)


def _appendleft(lo: Lowerer, owner: Var, args: list[Value], node: ast.AST) -> Value:
    return _insert(lo, owner, [const(0), args[0]], node)


def _popleft(lo: Lowerer, owner: Value, args: list[Value], node: ast.AST) -> Value:
    handler: Handler = _known_pop if growing.is_known_list(owner) else _pop
    return handler(lo, owner, [const(0)], node)


def _known_rotate(lo: Lowerer, owner: Struct, args: list[Value], node: ast.AST) -> Value:
    turned = deque(owner.items)
    turned.rotate(statics.known_int(lo, args[0], node) if args else 1)
    return _replaced(lo, owner, list(turned), node)


# The least and most arguments, and the handlers for lists of known and of unknown length.
_METHODS: Final[dict[str, tuple[int, int, Any, Any]]] = {
    "append": (1, 1, _known_append, _append),
    "extend": (1, 1, _extend, _extend),
    "insert": (2, 2, _known_insert, _insert),
    "pop": (0, 1, _known_pop, _pop),
    "remove": (1, 1, _known_remove, _remove),
    "clear": (0, 0, _known_clear, _clear),
    "reverse": (0, 0, _known_reverse, _reverse),
    "copy": (0, 0, _known_copy, _copy),
    "index": (1, 1, _known_index, _index),
    "count": (1, 1, _known_count, _count),
    "appendleft": (1, 1, _known_appendleft, _appendleft),
    "popleft": (0, 0, _popleft, _popleft),
    "rotate": (0, 1, _known_rotate, None),
}
