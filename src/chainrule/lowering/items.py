"""Memory of Python lists: what one holds, an item, one more, one less, copies.

A list is written in its own memory where nobody needs the old one (`acquire_items`), else in that of a
copy, as arrays are. An item that is an array is read where it lies; it is stored before the list is
written, as whatever else reads that memory (`Lowerer.may_take`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import Array, List, Scalar, Type
from ..rules.builder import const
from .code import INT
from .scalars import cast
from .values import Buffer, Dims, Index, Items, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

ANY = Dim(0)  # the sizes of memory are in its `Buffer`
_ROOM = const(16)


def element_of(type_: Type) -> Scalar | Array | None:
    """The type of the items of a list."""
    assert isinstance(type_, List)
    return type_.element


def rank_of(element: Scalar | Array | None) -> int:
    """The number of axes of an item; those without one are numbers in the memory of the list."""
    return len(element.dims) if element is not None else 0


def item_parts(element: Scalar | Array | None, hint: str) -> list[Var]:
    """Variables for the memory and the length; for arrays, the table and what is taken too."""
    dtype = element.dtype if element is not None else "float64"
    parts = [Var(hint, Array(dtype, (ANY,))), Var(f"{hint}_length", INT)]
    if rank_of(element):
        parts += [Var(f"{hint}_table", Array("int64", (ANY,))), Var(f"{hint}_used", INT)]
    return parts


def items_of(element: Scalar | Array | None, parts: list[Var], *, owned: bool) -> Items:
    """The list that is made of these parts."""
    data, length, *more = parts
    table = Buffer(more[0], (), owned=owned) if more else None
    return Items(element, Buffer(data, (), owned=owned), length, table, more[1] if more else None)


def parts_of(items: Items) -> list[Atom]:
    """What stands for a list where functions call each other."""
    if items.table is None or items.used is None:
        return [items.data.var, items.length]
    return [items.data.var, items.length, items.table.var, items.used]


def empty(lo: Lowerer, element: Scalar | Array | None, hint: str, room: Atom = _ROOM) -> Items:
    """A list without items, with room for some."""
    code = lo.code
    parts = item_parts(element, hint or "items")
    for var, init in zip(parts, (room, const(0), _ROOM, const(0)), strict=False):
        if isinstance(var.type, Array):
            static = {"dtype": var.type.dtype, "zero": False}
            code.append(Eqn((var,), "alloc", (init,), static))
        else:
            code.append(Eqn((var,), "cell", (init,)))
    return items_of(element, parts, owned=True)


def length_of(lo: Lowerer, items: Items) -> Atom:
    """How many items there are now."""
    if isinstance(items.length, Const):
        return items.length
    made = lo.code.emit("py", (items.length,), INT, "n", text="_0")
    lo.code.natural.add(made)
    return made


# -- items ---------------------------------------------------------------------------------------


def _width(items: Items) -> int:
    return rank_of(items.element) + 1


def row_of(lo: Lowerer, items: Items, place: Atom) -> tuple[Atom, Dims]:
    """Where an array begins, and its sizes: read from the table unless they are always the same."""
    code, table = lo.code, items.table
    assert table is not None
    assert items.element is not None
    first = code.whole("mul", place, const(_width(items)))
    sizes: list[Atom] = []
    for axis, dim in enumerate(items.element.dims, start=1):
        if dim.known is not None:
            sizes.append(const(dim.known))
        else:
            size = code.load(table, (code.whole("add", first, const(axis)),))
            code.natural.add(size)
            sizes.append(size)
    return code.load(table, (first,)), tuple(sizes)


def item(lo: Lowerer, items: Items, place: Atom) -> Atom | Lazy:
    """The item at a place; an array is not read yet."""
    code = lo.code
    if items.table is None:
        number = code.load(items.data, (place,))
        if isinstance(items.element, Array):
            return Lazy(items.element.dtype, (), lambda index: number)
        return number
    start, sizes = row_of(lo, items, place)
    return array_at(lo, items.data, start, sizes)


def array_at(lo: Lowerer, data: Buffer, start: Atom, dims: Dims) -> Lazy:
    """An array that lies in flat memory."""
    code = lo.code
    reads = frozenset((data.root,))
    return Lazy(
        data.var.type.dtype,
        dims,
        lambda index: code.load(data, (flat(lo, start, index, dims),)),
        reads,
        reads,
    )


def flat(lo: Lowerer, start: Atom, index: Index, dims: Dims) -> Atom:
    """The place of an element in flat memory."""
    code = lo.code
    place: Atom = const(0)
    for i, size in zip(index, dims, strict=True):
        place = code.whole("add", code.whole("mul", place, size), i)
    return code.whole("add", start, place)


def as_number(value: Value) -> Atom:
    """An item that is a number."""
    if isinstance(value, Lazy):
        return value.at((const(0),) * len(value.dims))
    assert isinstance(value, Var | Const)
    return value


def append(lo: Lowerer, items: Items, value: Value) -> None:
    """One more item at the end of a list that may be written."""
    code, dtype = lo.code, items.data.var.type.dtype
    place = length_of(lo, items)
    after = code.whole("add", place, const(1))
    assert isinstance(items.length, Var)
    if items.table is None:
        made = cast(code, as_number(value), dtype)
        code.effect("room", (items.data.var, after))
        code.store(items.data, made, (place,))
        code.set(items.length, after)
        return
    assert isinstance(value, Lazy)
    start = place_at_end(lo, items, value.dims)
    code.effect("room", (items.table.var, code.whole("mul", after, const(_width(items)))))
    write_row(lo, items, place, start, value.dims)
    write_array(lo, items, start, value)
    code.set(items.length, after)


def place_at_end(lo: Lowerer, items: Items, dims: Dims) -> Atom:
    """Room for one more array, and where it begins."""
    code = lo.code
    assert isinstance(items.used, Var)
    start = code.emit("py", (items.used,), INT, "start", text="_0")
    after = code.whole("add", start, code.size(dims))
    code.effect("room", (items.data.var, after))
    code.set(items.used, after)
    return start


def write_row(lo: Lowerer, items: Items, place: Atom, start: Atom, dims: Dims) -> None:
    """Note in the table where an array begins, and its sizes."""
    assert items.table is not None
    first = lo.code.whole("mul", place, const(_width(items)))
    for k, number in enumerate((start, *dims)):
        lo.code.store(items.table, number, (lo.code.whole("add", first, const(k)),))


def write_array(lo: Lowerer, items: Items, start: Atom, value: Lazy, *, add: bool = False) -> None:
    """Write the elements of an array, or add to them."""
    code, dtype = lo.code, items.data.var.type.dtype
    code.nest(
        value.dims,
        lambda index: code.store(
            items.data,
            cast(code, value.at(index), dtype),
            (flat(lo, start, index, value.dims),),
            add=add,
        ),
    )


def take_last(lo: Lowerer, items: Items) -> Atom | Lazy:
    """Take the last item off a list that may be written."""
    code = lo.code
    place = code.emit("py", (items.length,), INT, "last", text="_0 - 1")
    found = item(lo, items, place)
    assert isinstance(items.length, Var)
    if items.table is not None:
        start, sizes = row_of(lo, items, place)
        end = code.whole("add", start, code.size(sizes))
        assert isinstance(items.used, Var)
        with code.when(code.test("_0 == _1", end, items.used)):
            code.set(items.used, start)
    code.set(items.length, place)
    return found


# -- whole lists ---------------------------------------------------------------------------------


def extend(lo: Lowerer, items: Items, others: Items) -> None:
    """All items of another list at the end, or the list's own ones once more."""
    if others.element is None:
        return
    with lo.code.loop(length_of(lo, others)) as i:
        append(lo, items, item(lo, others, i))


def copied(lo: Lowerer, items: Items, element: Scalar | Array | None, hint: str) -> Items:
    """The list in memory of its own, with items of this type."""
    room = lo.code.whole("max", length_of(lo, items), const(1)) if not rank_of(element) else _ROOM
    made = empty(lo, element, hint, room)
    extend(lo, made, items)
    return made


def acquire_items(
    lo: Lowerer,
    atom: Atom,
    element: Scalar | Array | None,
    taken: Collection[Buffer] = (),
) -> Items:
    """A list with items of this type that may be written from here on.

    Its own memory when that is ours, not `taken`, and the list is not read again.
    """
    items = lo.value(atom)
    assert isinstance(items, Items)
    hint = lo.hint(atom) if isinstance(atom, Var) else ""
    if same_layout(items.element, element) and items.data.root not in taken:
        if not shared(lo, items, atom) and lo.may_take(items.data, atom):
            return items
    return copied(lo, items, element, hint)


def same_layout(have: Scalar | Array | None, want: Scalar | Array | None) -> bool:
    """Do lists with such items lie in memory in the same way?"""
    if have is None or want is None:
        return have is want
    return (have.dtype, rank_of(have)) == (want.dtype, rank_of(want))


def shared(lo: Lowerer, items: Items, atom: Atom) -> bool:
    """Does another value that is still needed have the list's memory?"""
    return any(
        isinstance(other, Items)
        and other.data.root is items.data.root
        and var is not atom
        and lo.scopes.live(var)
        for var, other in lo.env.items()
    )


def replaced(lo: Lowerer, items: Items, others: Items) -> None:
    """Give a list that may be written the items of another one, which has memory of its own."""
    code = lo.code
    for cell in (items.length, items.used):
        if isinstance(cell, Var):
            code.set(cell, const(0))
    extend(lo, items, others)
