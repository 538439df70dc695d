"""Lists whose length is known only at run time: memory that grows, written in place where possible.

xs.append(v)      if n + 1 > xs.size: xs = grown(xs, n + 1)
                  xs[n] = v
                  n = n + 1
A = np.array(xs)  nothing: the elements of A are those of xs
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Eqn
from ..ir.types import Array, List
from ..rules.builder import const
from .broadcasting import fitted
from .code import INT, known
from .function import as_lazy
from .items import (
    acquire_items,
    append,
    array_at,
    as_number,
    element_of,
    empty,
    extend,
    item,
    length_of,
    place_at_end,
    row_of,
    take_last,
    write_array,
    write_row,
)
from .places import Finder
from .scalars import cast, constant
from .table import lowers, refuse
from .values import Index, Items, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

_UNEQUAL = 'ValueError("all input arrays must have the same shape")'
_NO_ITEM = 'ValueError("the list is empty")'


def the_list(value: Value) -> Items:
    """A value that is a list."""
    assert isinstance(value, Items)
    return value


def _hint(lo: Lowerer, eqn: Eqn) -> str:
    return lo.hint(eqn.outs[0])


# -- lists made and written ------------------------------------------------------------------------


@lowers("list_new")
def list_new(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A list of some items."""
    made = empty(lo, element_of(eqn.out.type), _hint(lo, eqn), const(max(16, len(args))))
    for value in args:
        append(lo, made, value)
    return made


@lowers("list_append")
def list_append(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """One more item."""
    items = acquire_items(lo, eqn.args[0], element_of(eqn.out.type))
    append(lo, items, args[1])
    return items


@lowers("list_extend", "list_concat")
def list_extend(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The items of another list after those of a list."""
    others = the_list(args[1])
    items = acquire_items(lo, eqn.args[0], element_of(eqn.out.type))
    extend(lo, items, others)
    return items


@lowers("list_pop")
def list_pop(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """The list without its last item, and the item."""
    if not eqn.backward:
        length = length_of(lo, the_list(args[0]))
        lo.code.refuse_if('IndexError("pop from empty list")', "_0 == 0", length)
    items = acquire_items(lo, eqn.args[0], element_of(eqn.outs[0].type))
    return items, take_last(lo, items)


@lowers("list_set")
def list_set(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Another item at a place; an array of another size gets memory of its own at the end."""
    code = lo.code
    place = item_place(lo, eqn, args)
    value = args[1]
    items = acquire_items(lo, eqn.args[0], element_of(eqn.out.type))
    if items.table is None:
        made = cast(code, as_number(value), items.data.var.type.dtype)
        code.store(items.data, made, (place,))
        return items
    array = lo.apart(value, items.data)
    assert isinstance(array, Lazy)
    start, sizes = row_of(lo, items, place)
    begin = code.cell(start, "int64", "start")
    with code.when(code.test("_0 != _1", code.size(sizes), code.size(array.dims))):
        code.set(begin, place_at_end(lo, items, array.dims))
    write_row(lo, items, place, begin, array.dims)
    write_array(lo, items, begin, array)
    return items


@lowers("list_copy")
def list_copy(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The same items in another list: writing one of them makes sure that nobody needs the other."""
    return args[0]


@lowers("list_repeat")
def list_repeat(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The items again and again."""
    made = empty(lo, element_of(eqn.out.type), _hint(lo, eqn))
    with lo.code.loop(as_number(args[1])):
        extend(lo, made, the_list(args[0]))
    return made


@lowers("list_slice")
def list_slice(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The items of a slice."""
    items = the_list(args[0])
    made = empty(lo, element_of(eqn.out.type), _hint(lo, eqn))
    start, length, step = list_slice_of(lo, eqn, args)
    with lo.code.loop(length) as i:
        append(lo, made, item(lo, items, stepped_place(lo, start, i, step)))
    return made


def stepped_place(lo: Lowerer, start: Atom, i: Atom, step: Atom | int) -> Atom:
    """A place in a slice."""
    factor = const(step) if isinstance(step, int) else step
    return lo.code.whole("add", start, lo.code.whole("mul", i, factor))


def _finder(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Finder:
    type_ = eqn.args[0].type
    assert isinstance(type_, List)
    length = length_of(lo, the_list(args[0]))
    axis = type_.length if type_.length is not None else Dim.of(Sym("m", None, single=True))
    return Finder(lo, eqn, (length,), args, (axis,))


def item_place(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Atom:
    """The place that an index names, checked where it may be outside."""
    ((_, value),) = eqn.static["pattern"]
    return _finder(lo, eqn, args).position(value, 0)


def list_slice_of(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Atom, Atom, Atom | int]:
    """The first place of a slice, its length and its step."""
    ((_, *values),) = eqn.static["pattern"]
    return _finder(lo, eqn, args).slice(0, *values)


# -- lists read ------------------------------------------------------------------------------------


@lowers("list_get")
def list_get(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """An item."""
    return item(lo, the_list(args[0]), item_place(lo, eqn, args))


@lowers("list_len")
def list_len(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The length."""
    return length_of(lo, the_list(args[0]))


@lowers("list_stack")
def list_stack(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """An array with the items along a new axis."""
    code, items = lo.code, the_list(args[0])
    axis, dtype = eqn.static["axis"] or 0, eqn.out.type.dtype
    length = length_of(lo, items)
    reads = frozenset((items.data.root,))
    if items.table is None:
        whole = Lazy(dtype, (length,), lambda i: code.load(items.data, i), reads, reads)
        return _in_precision(lo, whole, dtype)
    rank = len(eqn.out.type.dims) - 1
    axis %= rank + 1
    code.refuse_if(_NO_ITEM, "_0 == 0", length)
    _, sizes = row_of(lo, items, const(0))
    with code.loop(length) as i:
        _, others = row_of(lo, items, i)
        for mine, theirs in zip(sizes, others, strict=True):
            if mine is not theirs and known(mine) is None:
                code.refuse_if(_UNEQUAL, "_0 != _1", mine, theirs)

    def at(index: Index) -> Atom:
        inner = (*index[:axis], *index[axis + 1 :])
        start, _ = row_of(lo, items, index[axis])
        return array_at(lo, items.data, start, sizes).at(inner)

    dims = (*sizes[:axis], length, *sizes[axis:])
    return _in_precision(lo, Lazy(items.data.var.type.dtype, dims, at, reads, reads, 1), dtype)


def _in_precision(lo: Lowerer, value: Lazy, dtype: str) -> Lazy:
    if value.dtype == dtype:
        return value
    return Lazy(
        dtype,
        value.dims,
        lambda i: cast(lo.code, value.at(i), dtype),
        value.reads,
        value.crossed,
        1,
    )


@lowers("list_join")
def list_join(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The items one after the other along an axis that they have."""
    code, items = lo.code, the_list(args[0])
    length = length_of(lo, items)
    axis = eqn.static["axis"] % len(eqn.out.type.dims)
    code.refuse_if(_NO_ITEM, "_0 == 0", length)
    _, first = row_of(lo, items, const(0))
    total = code.cell(const(0), "int64", "total")
    with code.loop(length) as i:
        _, sizes = row_of(lo, items, i)
        for k, (mine, theirs) in enumerate(zip(first, sizes, strict=True)):
            if k != axis and known(mine) is None:
                code.refuse_if(_UNEQUAL, "_0 != _1", mine, theirs)
        code.set(total, code.whole("add", total, sizes[axis]))
    joined = code.emit("py", (total,), INT, "n", text="_0")
    made = code.alloc(
        eqn.out.type.dtype, (*first[:axis], joined, *first[axis + 1 :]), _hint(lo, eqn)
    )
    place = code.cell(const(0), "int64", "place")
    with code.loop(length) as i:
        part = item(lo, items, i)
        assert isinstance(part, Lazy)
        start = code.emit("py", (place,), place.type, "start", text="_0")
        code.nest(
            part.dims,
            lambda index: code.store(
                made,
                cast(code, part.at(index), made.var.type.dtype),
                (*index[:axis], code.whole("add", start, index[axis]), *index[axis + 1 :]),
            ),
        )
        code.set(place, code.whole("add", start, part.dims[axis]))
    return code.lazy(made)


@lowers("list_from")
def list_from(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The elements or rows of an array as a list."""
    return _rows(lo, eqn, as_lazy(args[0]), 0)


@lowers("list_parts")
def list_parts(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The parts of an array that was made of the items of a list."""
    return _rows(lo, eqn, as_lazy(args[0]), eqn.static["axis"] or 0)


def _rows(lo: Lowerer, eqn: Eqn, value: Lazy, axis: int) -> Items:
    """The parts of an array along an axis as a list."""
    code, element = lo.code, element_of(eqn.out.type)
    axis %= len(value.dims)
    if value.cost > 1:
        value = lo.stored(value)
    made = empty(lo, element, _hint(lo, eqn), code.whole("max", value.dims[axis], const(1)))
    inner = (*value.dims[:axis], *value.dims[axis + 1 :])
    with code.loop(value.dims[axis]) as i:

        def at(index: Index) -> Atom:
            return value.at((*index[:axis], i, *index[axis:]))

        append(lo, made, Lazy(value.dtype, inner, at, value.reads, value.reads))
    return made


@lowers("list_split")
def list_split(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The parts of an array that the items of a list were joined to."""
    code, items = lo.code, the_list(args[1])
    value = lo.code.lazy(lo.memory(as_lazy(args[0])))
    axis = eqn.static["axis"] % len(value.dims)
    made = empty(lo, element_of(eqn.out.type), _hint(lo, eqn))
    place = code.cell(const(0), "int64", "place")
    with code.loop(length_of(lo, items)) as i:
        _, sizes = row_of(lo, items, i)
        start = code.emit("py", (place,), place.type, "start", text="_0")

        def at(index: Index) -> Atom:
            moved = code.whole("add", start, index[axis])
            return value.at((*index[:axis], moved, *index[axis + 1 :]))

        append(lo, made, Lazy(value.dtype, sizes, at, value.reads, value.reads))
        code.set(place, code.whole("add", start, sizes[axis]))
    return made


@lowers("list_sum")
def list_sum(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The sum of the items; `fsum` is not more exact here."""
    code, items, dtype = lo.code, the_list(args[0]), eqn.out.type.dtype
    length = length_of(lo, items)
    if not isinstance(eqn.out.type, Array):
        total = code.cell(constant(0, dtype), dtype, _hint(lo, eqn) or "total")
        with code.loop(length) as i:
            number = cast(code, as_number(item(lo, items, i)), dtype)
            code.set(total, code.py("_0 + _1", (total, number), dtype))
        return total
    code.refuse_if(_NO_ITEM, "_0 == 0", length)
    if items.table is None:
        raise refuse(eqn, "the sum of a list of arrays of rank 0")
    made = code.alloc(dtype, _widest(lo, items, length), _hint(lo, eqn), zero=True)
    with code.loop(length) as i:
        part = fitted(lo, item(lo, items, i), made.dims)
        code.nest(
            made.dims,
            lambda index: code.store(made, cast(code, part.at(index), dtype), index, add=True),
        )
    return code.lazy(made)


def _widest(lo: Lowerer, items: Items, length: Atom) -> tuple[Atom, ...]:
    """The sizes that all items broadcast to; one that does not fit is seen where it is added."""
    code = lo.code
    _, first = row_of(lo, items, const(0))
    cells = {k: code.cell(d, "int64", "n") for k, d in enumerate(first) if known(d) is None}
    if cells:
        with code.loop(length) as i:
            _, sizes = row_of(lo, items, i)
            for k, cell in cells.items():
                with code.when(code.test("_0 != 1", sizes[k])):
                    code.set(cell, sizes[k])
    return tuple(
        code.emit("py", (cells[k],), cells[k].type, "n", text="_0") if k in cells else d
        for k, d in enumerate(first)
    )


@lowers("list_max", "list_min")
def extremum(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The largest or smallest number; the first of equal ones, as in Python."""
    code, items, dtype = lo.code, the_list(args[0]), eqn.out.type.dtype
    length = length_of(lo, items)
    code.refuse_if(_NO_ITEM, "_0 == 0", length)
    best = code.cell(cast(code, as_number(item(lo, items, const(0))), dtype), dtype, "best")
    sign = ">" if eqn.op == "list_max" else "<"
    with code.loop(length, const(1)) as i:
        number = cast(code, as_number(item(lo, items, i)), dtype)
        with code.when(code.test(f"_0 {sign} _1", number, best)):
            code.set(best, number)
    return best
