"""Lists of gradients: a zero for each item, shares, sums; one item of a list at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from .code import INT, MISMATCH, Code, known
from .function import as_lazy
from .items import (
    acquire_items,
    append,
    as_number,
    copied,
    element_of,
    empty,
    flat,
    item,
    length_of,
    place_at_end,
    row_of,
    write_array,
    write_row,
)
from .lists import item_place, list_slice_of, stepped_place, the_list
from .scalars import cast, constant
from .table import lowers
from .values import Dims, Index, Items, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("list_zeros")
def list_zeros(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A zero for each item."""
    items = the_list(args[0])
    zero = constant(0, _dtype(eqn))
    return _each(lo, eqn, items, lambda i: zero, lambda i, sizes: lambda index: zero)


@lowers("list_fill")
def list_fill(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A gradient for each item; summed where the item was broadcast."""
    items = the_list(args[1])
    if items.table is None:
        number = as_number(args[0])
        return _each(lo, eqn, items, lambda i: number, None)
    value = as_lazy(args[0])
    if value.cost > 1:
        value = lo.stored(value)
    made = list_zeros(lo, eqn, [items])
    assert isinstance(made, Items)
    code = lo.code
    with code.loop(length_of(lo, items)) as i:
        start, sizes = row_of(lo, made, i)

        def add(index: Index) -> None:
            inner = _narrow(code, index, sizes, value.dims)
            number = cast(code, value.at(index), made.data.var.type.dtype)
            code.store(made.data, number, (flat(lo, start, inner, sizes),), add=True)

        code.nest(value.dims, add)
    return made


def _narrow(code: Code, index: Index, sizes: Dims, dims: Dims) -> Index:
    """The position in an item that was broadcast to `dims`."""
    pairs = zip(sizes, dims[len(dims) - len(sizes) :], index[len(dims) - len(sizes) :], strict=True)
    return tuple(
        i if _equal(mine, theirs) else code.emit("py", (i, mine), INT, text="0 if _1 == 1 else _0")
        for mine, theirs, i in pairs
    )


def _dtype(eqn: Eqn) -> str:
    element = element_of(eqn.out.type)
    return element.dtype if element is not None else "float64"


def _each(
    lo: Lowerer,
    eqn: Eqn,
    items: Items,
    number: Callable[[Atom], Atom],
    array: Callable[[Atom, tuple[Atom, ...]], Callable[[Index], Atom]] | None,
) -> Items:
    """A list with an item for each item of another one."""
    code = lo.code
    length = length_of(lo, items)
    made = empty(
        lo, element_of(eqn.out.type), lo.hint(eqn.out), code.whole("max", length, const(1))
    )
    with code.loop(length) as i:
        if items.table is None or array is None:
            append(lo, made, number(i))
        else:
            _, sizes = row_of(lo, items, i)
            append(lo, made, Lazy(_dtype(eqn), sizes, array(i, sizes)))
    return made


@lowers("list_share")
def list_share(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The gradient of an extremum, in equal shares for the items that are the extremum."""
    code, items = lo.code, the_list(args[2])
    gradient, best = as_number(args[0]), as_number(args[1])
    dtype = _dtype(eqn)
    count = code.cell(const(0), "int64", "count")
    with code.loop(length_of(lo, items)) as i:
        equal = code.test("_0 == _1", as_number(item(lo, items, i)), best)
        code.set(count, code.py("_0 + 1 if _1 else _0", (count, equal), "int64"))
    share = code.py("_0 / max(_1, 1)", (gradient, count), dtype, "share")

    def number(i: Atom) -> Atom:
        found = as_number(item(lo, items, i))
        return code.py("_2 if _0 == _1 else _3", (found, best, share, constant(0, dtype)), dtype)

    return _each(lo, eqn, items, number, None)


@lowers("list_add")
def list_add(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A gradient added to an item."""
    place = item_place(lo, eqn, args)
    items = acquire_items(lo, eqn.args[0], element_of(eqn.out.type))
    _add(lo, items, place, args[1])
    return items


def _add(lo: Lowerer, items: Items, place: Atom, value: Value) -> None:
    code = lo.code
    if items.table is None:
        made = cast(code, as_number(value), items.data.var.type.dtype)
        code.store(items.data, made, (place,), add=True)
        return
    array = lo.apart(value, items.data)
    assert isinstance(array, Lazy)
    start, sizes = row_of(lo, items, place)
    if all(_equal(a, b) for a, b in zip(sizes, array.dims, strict=True)):
        write_array(lo, items, start, array, add=True)
        return
    pairs = [f"_{k} == _{k + 1}" for k in range(0, 2 * len(sizes), 2)]
    both = [d for pair in zip(sizes, array.dims, strict=True) for d in pair]
    fits = code.test(" and ".join(pairs), *both)
    with code.when(fits):
        write_array(lo, items, start, array, add=True)
    with code.when(code.test("not _0", fits)):  # the zero of an item that was of another size
        _add_wider(lo, items, place, array)


def _add_wider(lo: Lowerer, items: Items, place: Atom, array: Lazy) -> None:
    """Add a gradient to one that is broadcast to it."""
    code, dtype = lo.code, items.data.var.type.dtype
    start, sizes = row_of(lo, items, place)
    for mine, theirs in zip(sizes, array.dims, strict=True):
        code.refuse_if(MISMATCH, "_0 != 1 and _0 != _1", mine, theirs)
    begin = place_at_end(lo, items, array.dims)

    def at(index: Index) -> Atom:
        inner = flat(lo, start, _narrow(code, index, sizes, array.dims), sizes)
        parts = (code.load(items.data, (inner,)), cast(code, array.at(index), dtype))
        return code.py("_0 + _1", parts, dtype)

    write_array(lo, items, begin, Lazy(dtype, array.dims, at))
    write_row(lo, items, place, begin, array.dims)


def _equal(a: Atom, b: Atom) -> bool:
    return a is b or (known(a) is not None and known(a) == known(b))


@lowers("list_add_slice")
def list_add_slice(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Gradients added to the items of a slice."""
    others = the_list(args[1])
    start, length, step = list_slice_of(lo, eqn, args)
    items = acquire_items(lo, eqn.args[0], element_of(eqn.out.type))
    if others.data.root is items.data.root:
        others = copied(lo, others, others.element, "")
    with lo.code.loop(length) as i:
        _add(lo, items, stepped_place(lo, start, i, step), item(lo, others, i))
    return items


@lowers("list_total")
def list_total(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Gradients of one list that add up."""
    others = the_list(args[1])
    items = acquire_items(lo, eqn.args[0], element_of(eqn.out.type))
    with lo.code.loop(length_of(lo, items)) as i:
        _add(lo, items, i, item(lo, others, i))
    return items
