"""What a `for` statement goes through: a range, arrays, several things side by side.

What has a length that is known only at run time is gone through by a counter; the item for a counter
is computed in the loop. What is known when specialising is a list of items.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np

from ..ir.program import Atom, Const, Var
from ..ir.types import Array, List, Scalar
from ..markers import checkpoint
from ..rules.builder import const, int_dim
from . import growing, iterators, operands, operators, statics, subscripts, unrolling
from .checkpointed import checkpointed, refuse_inside, refuse_jumps
from .describing import describe
from .liveness import jumps
from .values import Size, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


@final
@dataclass(frozen=True)
class Source:
    """Start, stop and step of a counter, and the item for its value; `plain`: the counter itself.

    `static` are options of the loop.
    """

    bounds: tuple[Atom, ...]
    item: Callable[[Any], Value]
    plain: bool = False
    static: Mapping[str, Any] = field(default_factory=dict)


def iterated(lo: Lowerer, node: ast.For) -> Source | list[Value]:
    """What the loop goes through."""
    source = _source(lo, node.iter)
    if isinstance(source, Source) and source.static:
        refuse_jumps(lo, node)
    if isinstance(source, list) and jumps(node.body, (ast.Break, ast.Return)):
        return _rolled(lo, source, node) or source
    return source


def bind(lo: Lowerer, target: ast.expr, item: Value) -> None:
    """Bind the target of a loop; the counter itself keeps its own name."""
    if isinstance(target, ast.Name) and isinstance(item, Var) and item.user:
        if item not in lo.builder.origin:
            lo.locals[target.id] = item
            return
    lo.assign(target, item)


def _source(lo: Lowerer, node: ast.expr) -> Source | list[Value]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        fun = _called(lo, node.func)
        handler = _CALLS.get(fun.obj) if isinstance(fun, Static) and _hashable(fun.obj) else None
        if isinstance(fun, Static) and _is_prange(fun.obj):
            handler = _range
        if handler is not None and not any(isinstance(a, ast.Starred) for a in node.args):
            return handler(lo, node)
    value = lo.expr(node)
    if isinstance(value, Var) and isinstance(value.type, Array | List):
        return _over(lo, value, node)
    if growing.is_known_list(value):
        lo.unit.going.append(value)
    return operands.iterate(lo, value, node)


def _is_prange(obj: Any) -> bool:
    """Is it Numba's parallel range? One thread goes through it in order."""
    return getattr(obj, "__name__", "") == "prange" and obj.__module__.startswith("numba")


def _called(lo: Lowerer, node: ast.expr) -> Value | None:
    """What is called, where that is a function that is known; methods are looked up later."""
    if isinstance(node, ast.Attribute) and not (
        isinstance(node.value, ast.Name)
        and node.attr in ("checkpoint", "ndindex", "ndenumerate", "prange")
    ):
        return None
    return lo.expr(node)


def _hashable(obj: Any) -> bool:
    return getattr(obj, "__hash__", None) is not None and not isinstance(obj, dict | list)


def _over(lo: Lowerer, value: Var, node: ast.expr) -> Source:
    if isinstance(value.type, List):
        stop = operands.atom(lo, growing.length_of(lo, value), node)
        lo.unit.going.append(value)  # its items may change while it is gone through
        return Source((const(0), stop, const(1)), lambda i: growing.item(lo, value, i, node))
    if not value.type.dims:
        lo.refuse("CR013", "iteration over a 0-d array", node)
    bounds = (const(0), lo.builder.size(value.type.dims[0]), const(1))
    return Source(bounds, lambda i: subscripts.index(lo, value, i, node))


def _range(lo: Lowerer, node: ast.Call) -> Source:
    parts: list[Atom] = []
    for arg in node.args:
        value = lo.expr(arg)
        if statics.int_dim_of(value) is None:
            lo.refuse(
                "CR014",
                f"{describe(value)} stands where an integer is needed",
                arg,
                "an int that is differentiated counts as a float: leave it out of argnums",
            )
        parts.append(operands.atom(lo, value, arg))
    if len(parts) == 1:
        parts.insert(0, const(0))
    if len(parts) == 2:
        parts.append(const(1))
    return Source(tuple(parts), lambda i: i, plain=True)


def _zip(lo: Lowerer, node: ast.Call) -> Source | list[Value]:
    """`zip(x, y)`: as far as the shortest goes."""
    if any(_is_endless(lo, arg) for arg in node.args):
        return operands.iterate(lo, lo.expr(node), node)
    parts = [_source(lo, arg) for arg in node.args]
    if all(isinstance(p, list) for p in parts) and node.keywords:
        return operands.iterate(lo, lo.expr(node), node)
    if all(isinstance(p, list) for p in parts):
        rows = zip(*parts, strict=False)
        return [Struct(tuple, tuple(row)) for row in rows]
    if node.keywords:
        lo.refuse("CR033", "zip with options is not supported yet", node, "leave them out")
    if any(isinstance(p, list) and _as_array(lo, p, node) is None for p in parts):
        columns = [p if isinstance(p, list) else _one_by_one(lo, p, node) for p in parts]
        return [Struct(tuple, tuple(row)) for row in zip(*columns, strict=False)]
    sources = [_counted(lo, p, node) for p in parts]
    length = _shortest(lo, [_length(lo, s, node) for s in sources], node)
    items = [_from_zero(lo, s, node) for s in sources]
    return Source(
        (const(0), length, const(1)),
        lambda i: Struct(tuple, tuple(item(i) for item in items)),
    )


def _one_by_one(lo: Lowerer, source: Source, node: ast.AST) -> list[Value]:
    """The items of an array beside a list of other things, where their number can be known."""
    items = unrolling.trips(lo, source, node)
    if items is None:
        lo.refuse(
            "CR033",
            "arrays and other things side by side in a loop are not supported yet",
            node,
            "make an array of each",
        )
    return list(items)


def _is_endless(lo: Lowerer, node: ast.expr) -> bool:
    """Is it `itertools.count()` and the like, which go as far as what is beside them?"""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return False
    fun = lo.expr(node.func) if _is_plain(node.func) else None
    return isinstance(fun, Static) and fun.obj in iterators.ENDLESS


def _is_plain(node: ast.expr) -> bool:
    """Is it a name, or a name of a module?"""
    return isinstance(node, ast.Name) or (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.attr in ("count", "cycle", "repeat")
    )


def _enumerate(lo: Lowerer, node: ast.Call) -> Source | list[Value]:
    """`enumerate(x)`, `enumerate(x, 1)`."""
    first: Value = const(0)
    if len(node.args) == 2:
        first = lo.expr(node.args[1])
    for keyword in node.keywords:
        first = lo.expr(keyword.value)
    source = _source(lo, node.args[0])
    if isinstance(source, list):
        start = statics.known_int(lo, first, node)
        return [Struct(tuple, (const(i), v)) for i, v in enumerate(source, start)]
    length, item = _length(lo, source, node), _from_zero(lo, source, node)
    zero = isinstance(first, Const) and first.value == 0

    def pair(i: Var) -> Value:
        number = i if zero else operators.binary(lo, ast.Add(), i, first, node)
        return Struct(tuple, (number, item(i)))

    return Source((const(0), length, const(1)), pair)


def _reversed(lo: Lowerer, node: ast.Call) -> Source | list[Value]:
    """`reversed(range(n))`, `reversed(x)`."""
    source = _source(lo, node.args[0])
    if isinstance(source, list):
        return source[::-1]
    if source.static:
        refuse_inside(lo, node)
    start, stop, step = source.bounds
    if isinstance(step, Const) and step.value == 1:

        def less(atom: Atom) -> Atom:
            return operands.atom(
                lo, operators.binary(lo, ast.Sub(), _sized(atom), const(1), node), node
            )

        return Source((less(stop), less(start), const(-1)), source.item, source.plain)
    length, item = _length(lo, source, node), _from_zero(lo, source, node)
    last = operators.binary(lo, ast.Sub(), length, const(1), node)
    bounds = (operands.atom(lo, last, node), const(-1), const(-1))
    return Source(bounds, item)


def _sized(atom: Atom) -> Value:
    """A size as such, so that what is computed from it stays symbolic."""
    dim = int_dim(atom)
    return Size(dim) if isinstance(atom, Var) and not atom.user and dim is not None else atom


def _list(lo: Lowerer, node: ast.Call) -> Source | list[Value]:
    """`list(range(n))`, `tuple(x)`: the same items."""
    if len(node.args) != 1 or node.keywords:
        return operands.iterate(lo, lo.expr(node), node)
    return _source(lo, node.args[0])


def _ndindex(lo: Lowerer, node: ast.Call) -> Source | list[Value]:
    """`np.ndindex(n, m)`: positions, the last axis fastest."""
    values = [lo.expr(arg) for arg in node.args]
    if len(values) == 1 and isinstance(values[0], Struct):
        values = list(values[0].items)
    sizes = [operands.atom(lo, v, node) for v in values]
    return _positions(lo, sizes, node, lambda place: Struct(tuple, tuple(place)))


def _ndenumerate(lo: Lowerer, node: ast.Call) -> Source | list[Value]:
    """`np.ndenumerate(A)`: positions and elements."""
    array = operands.atom(lo, lo.expr(node.args[0]), node)
    sizes = [lo.builder.size(d) for d in array.type.dims]

    def item(place: list[Value]) -> Value:
        key = Struct(tuple, tuple(place))
        return Struct(tuple, (key, subscripts.index(lo, array, key, node)))

    return _positions(lo, sizes, node, item)


def _positions(
    lo: Lowerer, sizes: list[Atom], node: ast.AST, item: Callable[[list[Value]], Value]
) -> Source | list[Value]:
    """All positions in a grid by one counter: its remainders are the places along the axes."""
    if not sizes:
        return [item([])]
    total: Value = sizes[0]
    for size in sizes[1:]:
        total = operators.binary(lo, ast.Mult(), total, size, node)

    def at(i: Var) -> Value:
        place: list[Value] = []
        rest: Value = i
        for size in reversed(sizes[1:]):
            place.insert(0, operators.binary(lo, ast.Mod(), rest, size, node))
            rest = operators.binary(lo, ast.FloorDiv(), rest, size, node)
        return item([rest, *place])

    return Source((const(0), operands.atom(lo, total, node), const(1)), at)


_CALLS: Final[dict[Any, Callable[..., Source | list[Value]]]] = {
    builtins.range: _range,
    builtins.zip: _zip,
    builtins.enumerate: _enumerate,
    builtins.reversed: _reversed,
    builtins.list: _list,
    builtins.tuple: _list,
    np.ndindex: _ndindex,
    np.ndenumerate: _ndenumerate,
    checkpoint: lambda lo, node: checkpointed(lo, node, _source, _length, _from_zero),
}


def _counted(lo: Lowerer, part: Source | list[Value], node: ast.AST) -> Source:
    """Items that are known now beside others: as an array."""
    if isinstance(part, Source):
        return part
    array = _as_array(lo, part, node)
    if array is None:
        lo.refuse(
            "CR033",
            "arrays and other things side by side in a loop are not supported yet",
            node,
            "make an array of each",
        )
    bounds = (const(0), lo.builder.size(array.type.dims[0]), const(1))
    return Source(bounds, lambda i: subscripts.index(lo, array, i, node))


def _as_array(lo: Lowerer, items: list[Value], node: ast.AST) -> Var | None:
    """Numbers of one kind as an array."""
    kinds = {v.type.dtype for v in items if isinstance(v, Var | Const)}
    numbers = all(isinstance(v, Var | Const) and not v.type.dims for v in items)
    if not items or not numbers or len(kinds) != 1 or not all(_weak(v) for v in items):
        return None
    array = operands.atom(lo, Struct(list, tuple(items)), node)
    return array if isinstance(array, Var) else None


def _weak(value: Value) -> bool:
    return isinstance(value, Var | Const) and isinstance(value.type, Scalar) and value.type.weak


def _rolled(lo: Lowerer, items: list[Value], node: ast.For) -> Source | None:
    """Numbers that a loop may not go through to their end, as an array."""
    if len({v.type.dtype for v in items if isinstance(v, Var | Const)}) != 1:
        return None
    array = _as_array(lo, items, node)
    return None if array is None else _over(lo, array, node.iter)


def _length(lo: Lowerer, source: Source, node: ast.AST) -> Atom:
    """The number of items."""
    if source.static:
        refuse_inside(lo, node)
    start, stop, step = source.bounds
    if (
        isinstance(start, Const)
        and start.value == 0
        and isinstance(step, Const)
        and step.value == 1
    ):
        return stop
    if not isinstance(step, Const):
        lo.refuse(
            "CR033",
            "a range with a step that is no constant, beside other things in a loop, is not "
            "supported yet",
            node,
            "loop over the positions",
        )
    ends = (stop, start) if step.value > 0 else (start, stop)
    length = operators.binary(lo, ast.Sub(), _sized(ends[0]), _sized(ends[1]), node)
    if (stride := abs(step.value)) > 1:
        length = operators.binary(lo, ast.Add(), length, const(stride - 1), node)
        length = operators.binary(lo, ast.FloorDiv(), length, const(stride), node)
    return operands.atom(lo, length, node)


def _from_zero(lo: Lowerer, source: Source, node: ast.AST) -> Callable[[Var], Value]:
    """The item for a counter that starts at 0."""
    start, _, step = source.bounds
    one = isinstance(step, Const) and step.value == 1
    if one and isinstance(start, Const) and start.value == 0:
        return source.item

    def item(i: Var) -> Value:
        place: Any = operators.binary(lo, ast.Mult(), i, step, node) if not one else i
        return source.item(operators.binary(lo, ast.Add(), start, place, node))

    return item


def _shortest(lo: Lowerer, lengths: list[Atom], node: ast.AST) -> Atom:
    """The smallest of several lengths; lengths that are equal sizes count once."""
    distinct: list[Atom] = []
    for length in lengths:
        dim = int_dim(length)
        if not any(dim is not None and int_dim(d) == dim for d in distinct):
            distinct.append(length)
    known = [d.value for d in distinct if isinstance(d, Const)]
    if len(known) > 1:
        distinct = [d for d in distinct if not isinstance(d, Const)] + [const(min(known))]
    if len(distinct) == 1:
        return distinct[0]
    shortest = distinct[0]
    for length in distinct[1:]:
        shortest = lo.builder.one("py_min", [shortest, length])
    return shortest
