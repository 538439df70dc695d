"""Lists of numbers: where an item is, how often, in which order the items stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.dims import Dim
from ..ir.program import Atom, Eqn
from ..ir.types import Array
from ..rules.builder import const
from .items import append, as_number, element_of, empty, item, length_of
from .lists import the_list
from .scalars import cast, constant
from .table import lowers
from .values import Buffer, Items, Value

if TYPE_CHECKING:
    from .function import Lowerer

_NOT_THERE = 'ValueError("the item is not in the list")'


@lowers("list_index")
def list_index(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The first place of an item."""
    code, items, wanted = lo.code, the_list(args[0]), as_number(args[1])
    place = code.cell(const(-1), "int64", lo.hint(eqn.out) or "place")
    with code.loop(length_of(lo, items)) as i:
        found = code.test("_0 < 0 and _1 == _2", place, as_number(item(lo, items, i)), wanted)
        with code.when(found):
            code.set(place, i)
    code.refuse_if(_NOT_THERE, "_0 < 0", place)
    return place


def _count(lo: Lowerer, items: Items, wanted: Atom) -> Atom:
    code = lo.code
    count = code.cell(const(0), "int64", "count")
    with code.loop(length_of(lo, items)) as i:
        equal = code.test("_0 == _1", as_number(item(lo, items, i)), wanted)
        code.set(count, code.py("_0 + 1 if _1 else _0", (count, equal), "int64"))
    return count


@lowers("list_count")
def list_count(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """How often an item is there."""
    return _count(lo, the_list(args[0]), as_number(args[1]))


@lowers("list_contains")
def list_contains(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Is an item there?"""
    return lo.code.test("_0 > 0", _count(lo, the_list(args[1]), as_number(args[0])))


@lowers("list_order")
def list_order(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The places of the items in rising order; for falling order their negatives are sorted."""
    code, items = lo.code, the_list(args[0])
    length = length_of(lo, items)
    dtype = items.data.var.type.dtype
    line = code.alloc(dtype, (length,), "line")
    with code.loop(length) as i:
        number = as_number(item(lo, items, i))
        if eqn.static["reverse"]:
            number = code.py("-_0", (number,), dtype)
        code.store(line, cast(code, number, dtype), (i,))
    type_ = Array("int64", (Dim(0),))
    order = Buffer(
        code.emit("made", (line.var,), type_, "order", text="sorted_order(_0)"), line.dims
    )
    made = empty(
        lo, element_of(eqn.out.type), lo.hint(eqn.out), code.whole("max", length, const(1))
    )
    with code.loop(length) as i:
        append(lo, made, code.load(order, (i,)))
    return made


@lowers("list_take")
def list_take(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The items at places."""
    items, order = the_list(args[0]), the_list(args[1])
    made = empty(lo, element_of(eqn.out.type), lo.hint(eqn.out))
    with lo.code.loop(length_of(lo, order)) as i:
        append(lo, made, item(lo, items, as_number(item(lo, order, i))))
    return made


@lowers("list_fold")
def list_fold(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The sums over the copies of a list that was repeated."""
    code, gradients, items = lo.code, the_list(args[0]), the_list(args[1])
    length = length_of(lo, items)
    made = empty(
        lo, element_of(eqn.out.type), lo.hint(eqn.out), code.whole("max", length, const(1))
    )
    dtype = made.data.var.type.dtype
    with code.loop(length) as i:
        append(lo, made, constant(0, dtype))
    with code.loop(length_of(lo, gradients)) as i:
        number = cast(code, as_number(item(lo, gradients, i)), dtype)
        code.store(made.data, number, (code.whole("mod", i, length),), add=True)
    return made
