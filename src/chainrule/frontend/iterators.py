"""What `itertools`, `filter` and `next` give, over items whose number is known.

The iterators without an end (`count`, `cycle`, `repeat`) go as far as what they stand beside.
"""

from __future__ import annotations

import ast
import builtins
import functools
import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from ..errors import PrimalRaises
from ..ir.program import Var
from ..rules.builder import const
from . import calls, comprehensions, operands, operators, statics
from .values import Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

Handler = Callable[["Lowerer", list[Value], dict[str, Value], ast.AST], Value]
MOST: Final = 500  # items that combinations are written out to
ENDLESS: Final = (itertools.count, itertools.cycle, itertools.repeat)


def columns(lo: Lowerer, values: list[Value], node: ast.AST) -> list[list[Value]]:
    """The items of several things side by side; those without an end as many as of the others."""
    found = [None if _is_endless(v) else operands.iterate(lo, v, node) for v in values]
    lengths = [len(column) for column in found if column is not None]
    if values and not lengths:
        lo.refuse("CR013", "something that has no end is gone through", node, "use islice")
    count = min(lengths, default=0)
    return [
        _first(lo, value, count, node) if column is None else column
        for value, column in zip(values, found, strict=True)
    ]


def _is_endless(value: Value) -> bool:
    return isinstance(value, Struct) and value.cls in ENDLESS


def _first(lo: Lowerer, value: Value, count: int, node: ast.AST) -> list[Value]:
    """The first items of an iterator without an end."""
    assert isinstance(value, Struct)
    if value.cls is itertools.count:
        start, step = value.items
        return [
            operators.binary(
                lo, ast.Add(), start, operators.binary(lo, ast.Mult(), const(i), step, node), node
            )
            for i in range(count)
        ]
    return [value.items[i % len(value.items)] for i in range(count)]


def _struct(lo: Lowerer, cls: Any, items: Iterable[Value], node: ast.AST) -> Value:
    found = tuple(itertools.islice(items, MOST + 1))
    if len(found) > MOST:
        lo.refuse("CR033", f"more than {MOST} items are written out", node, "write nested loops")
    return Struct(cls, found)


def _rows(cls: Any, make: Callable[..., Iterable[tuple[Value, ...]]]) -> Handler:
    """`product`, `combinations` and the like: tuples of items."""

    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        if cls is itertools.product:
            repeat = statics.known_int(lo, kwargs.get("repeat", const(1)), node)
            parts = [operands.iterate(lo, a, node) for a in args]
            rows = make(*parts, repeat=repeat)
        else:
            items = operands.iterate(lo, args[0], node)
            length = [*args[1:], *kwargs.values()]
            rows = make(items, *(statics.known_int(lo, v, node) for v in length))
        return _struct(lo, cls, (Struct(tuple, row) for row in rows), node)

    return handler


def _accumulate(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = operands.iterate(lo, args[0], node)
    fun = args[1] if len(args) > 1 else kwargs.get("func")
    if "initial" in kwargs:
        items.insert(0, kwargs["initial"])
    sums = items[:1]
    for item in items[1:]:
        if fun is None or (isinstance(fun, Static) and fun.obj is None):
            sums.append(operators.binary(lo, ast.Add(), sums[-1], item, node))
        else:
            sums.append(calls.call_value(lo, fun, [sums[-1], item], {}, node))
    return Struct(itertools.accumulate, tuple(sums))


def _chain(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = (item for a in args for item in operands.iterate(lo, a, node))
    return Struct(itertools.chain, tuple(items))


def _chain_iterable(
    lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    return _chain(lo, operands.iterate(lo, args[0], node), {}, node)


def _islice(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    bounds = [
        None if isinstance(a, Static) and a.obj is None else statics.known_int(lo, a, node)
        for a in args[1:]
    ]
    if _is_endless(args[0]):
        stop = slice(*bounds).stop
        if stop is None:
            lo.refuse("CR013", "something that has no end is gone through", node, "give a stop")
        items = _first(lo, args[0], stop, node)
    else:
        items = operands.iterate(lo, args[0], node)
    return Struct(itertools.islice, tuple(items[slice(*bounds)]))


def _pairwise(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = operands.iterate(lo, args[0], node)
    pairs = (Struct(tuple, pair) for pair in itertools.pairwise(items))
    return Struct(itertools.pairwise, tuple(pairs))


def _count(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    given = dict(zip(("start", "step"), args, strict=False)) | kwargs
    ends = (given.get("start", const(0)), given.get("step", const(1)))
    return Struct(itertools.count, ends)


def _cycle(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    return Struct(itertools.cycle, tuple(operands.iterate(lo, args[0], node)))


def _repeat(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    times = args[1] if len(args) > 1 else kwargs.get("times")
    if times is None:
        return Struct(itertools.repeat, (args[0],))
    return Struct(itertools.chain, (args[0],) * statics.known_int(lo, times, node))


def _zip_longest(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    parts = [operands.iterate(lo, a, node) for a in args]
    rows = itertools.zip_longest(*parts, fillvalue=kwargs.get("fillvalue", Static(None)))
    return Struct(itertools.zip_longest, tuple(Struct(tuple, row) for row in rows))


def _starmap(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    rows = [operands.iterate(lo, row, node) for row in operands.iterate(lo, args[1], node)]
    made = (calls.call_value(lo, args[0], row, {}, node) for row in rows)
    return Struct(itertools.starmap, tuple(made))


def _outcomes(lo: Lowerer, test: Value, items: list[Value], node: ast.AST) -> list[bool] | None:
    """Which items pass a test, where that is known."""
    found: list[bool] = []
    for item in items:
        value = item
        if not (isinstance(test, Static) and test.obj is None):
            value = calls.call_value(lo, test, [item], {}, node)
        known = statics.known_truth(lo, value)
        if known is None and isinstance(value, Var) and statics.demand(lo, value) is not None:
            known = bool(statics.static_value(lo, value, node))
        if known is None:
            return None
        found.append(known)
    return found


def _filter(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    """`filter(f, xs)`: a list where data decides."""
    test, items = args
    if not isinstance(items, Var):
        known = operands.iterate(lo, items, node)
        passed = _outcomes(lo, test, known, node)
        if passed is not None:
            return Struct(filter, tuple(itertools.compress(known, passed)))
        items = Struct(list, tuple(known))
    kept = None if isinstance(test, Static) and test.obj is None else test
    return comprehensions.of_function(lo, None, items, node, kept=kept)


def _while(cls: Any, *, taken: bool) -> Handler:
    def handler(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
        items = operands.iterate(lo, args[1], node)
        passed = _outcomes(lo, args[0], items, node)
        if passed is None:
            help = "write a loop with break"
            lo.refuse("CR033", f"{cls.__name__} of values from data is not supported", node, help)
        end = passed.index(False) if False in passed else len(passed)
        return Struct(cls, tuple(items[:end] if taken else items[end:]))

    return handler


def _groupby(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    items = operands.iterate(lo, args[0], node)
    key = args[1] if len(args) > 1 else kwargs.get("key")
    keys = [item if key is None else calls.call_value(lo, key, [item], {}, node) for item in items]
    known = [statics.python_value(lo, k, node) for k in keys]
    groups: list[Value] = []
    for name, places in itertools.groupby(range(len(items)), key=known.__getitem__):
        inside = Struct(itertools.chain, tuple(items[i] for i in places))
        groups.append(Struct(tuple, (lo.wrap(name, node), inside)))
    return Struct(itertools.groupby, tuple(groups))


def _reduce(lo: Lowerer, args: list[Value], kwargs: dict[str, Value], node: ast.AST) -> Value:
    if isinstance(args[1], Var):
        start = args[2] if len(args) > 2 else None
        return comprehensions.of_reduction(lo, args[0], args[1], start, node)
    items = [*args[2:], *operands.iterate(lo, args[1], node)]
    if not items:
        raise PrimalRaises("reduce() of nothing", lo.span(node))
    total = items[0]
    for item in items[1:]:
        total = calls.call_value(lo, args[0], [total, item], {}, node)
    return total


# The least and most positional arguments, the names of others, and the handler.
HANDLERS: Final[dict[Any, tuple[int, float, tuple[str, ...], Handler]]] = {
    itertools.product: (0, 99, ("repeat",), _rows(itertools.product, itertools.product)),
    itertools.combinations: (1, 2, ("r",), _rows(itertools.combinations, itertools.combinations)),
    itertools.combinations_with_replacement: (
        1,
        2,
        ("r",),
        _rows(itertools.combinations_with_replacement, itertools.combinations_with_replacement),
    ),
    itertools.permutations: (1, 2, ("r",), _rows(itertools.permutations, itertools.permutations)),
    itertools.accumulate: (1, 2, ("func", "initial"), _accumulate),
    itertools.chain: (0, 99, (), _chain),
    itertools.chain.from_iterable: (1, 1, (), _chain_iterable),
    itertools.islice: (2, 4, (), _islice),
    itertools.pairwise: (1, 1, (), _pairwise),
    itertools.count: (0, 2, ("start", "step"), _count),
    itertools.cycle: (1, 1, (), _cycle),
    itertools.repeat: (1, 2, ("times",), _repeat),
    itertools.zip_longest: (0, 99, ("fillvalue",), _zip_longest),
    itertools.starmap: (2, 2, (), _starmap),
    itertools.takewhile: (2, 2, (), _while(itertools.takewhile, taken=True)),
    itertools.dropwhile: (2, 2, (), _while(itertools.dropwhile, taken=False)),
    itertools.groupby: (1, 2, ("key",), _groupby),
    builtins.filter: (2, 2, (), _filter),
    functools.reduce: (2, 3, (), _reduce),
}
