"""Comprehensions and generator expressions.

Over items that are known they are unrolled. Over data they are read as the loop that they stand for:

    [f(x) for x in xs if x > 0]         values = []
                                        for x in xs:
                                            if x > 0: values.append(f(x))

    sum(f(x) for x in xs)               total = 0
                                        for x in xs: total += f(x)
"""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Callable
from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import NeedStatic, UnsupportedError
from ..ir.program import Eqn, Var
from ..ir.types import Array, List
from ..rules.builder import const, int_dim
from ..rules.lists import is_length
from . import calls, dict_methods, growing, loops, operands, statics
from .checkpointed import refuse_inside
from .iteration import Source, iterated
from .values import Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

Comprehension = ast.ListComp | ast.GeneratorExp


UNROLLED: Final = 32  # items of a range that are written out one by one


class _Data(Exception):
    """A part of a comprehension depends on data, so that it cannot be unrolled."""


def comprehension(lo: Lowerer, node: Comprehension) -> Value:
    """`[f(x) for x in xs]`; a generator expression only over items that are known."""
    unrolled = _unrolled(lo, node)
    if unrolled is not None:
        return unrolled
    if isinstance(node, ast.GeneratorExp):
        lo.refuse_construct("generator", node)
    return _listed(lo, node)


def dict_comprehension(lo: Lowerer, node: ast.DictComp) -> Value:
    """`{key: value for ...}` over items that are known."""
    entries: dict[Any, Value] = {}

    def add(frame: Lowerer) -> None:
        key = statics.key_value(frame, frame.expr(node.key), node.key)
        entries[key] = frame.expr(node.value)

    try:
        _generate(lo, node.generators, add)
    except _Data:
        lo.refuse_construct("comprehension", node.generators[0].iter)
    return growing.made(lo, Struct(dict, tuple(entries.values()), tuple(entries)))


def set_comprehension(lo: Lowerer, node: ast.SetComp) -> Value:
    """`{item for ...}` of items that are known."""
    items: list[Value] = []
    try:
        _generate(lo, node.generators, lambda frame: items.append(frame.expr(node.elt)))
    except _Data:
        lo.refuse_construct("comprehension", node.generators[0].iter)
    return dict_methods.set_of(lo, items, node)


# -- unrolled --------------------------------------------------------------------------------------


def _unrolled(lo: Lowerer, node: Comprehension) -> Value | None:
    """The items, when all there is to go through and to test is known."""
    if _attempt(lo, lambda: _is_data(lo, node.generators[0]), keep=False):
        return None
    items: list[Value] = []

    def all_items() -> bool:
        try:
            _generate(lo, node.generators, lambda frame: items.append(frame.expr(node.elt)))
        except _Data:
            return False
        return True

    if not _attempt(lo, all_items):
        return None
    cls = list if isinstance(node, ast.ListComp) else GeneratorType
    return growing.made(lo, Struct(cls, tuple(items)))


def _attempt(lo: Lowerer, run: Callable[[], bool], *, keep: bool = True) -> bool:
    """Run a walk; what it appended goes away where it says no, or when it is not to be kept."""
    builder = lo.builder
    start, consumed = len(builder.eqns), set(lo.unit.consumed)
    before = builder.sharing.snapshot() if builder.sharing is not None else None
    done = False
    try:
        done = run()
    finally:
        if not (done and keep):
            del builder.eqns[start:]
            lo.unit.consumed = consumed
            if builder.sharing is not None and before is not None:
                builder.sharing.restore(before)
    return done


def _is_data(lo: Lowerer, generator: ast.comprehension) -> bool:
    """Does a comprehension go through something whose items are known only at run time?"""
    if generator.is_async:
        lo.refuse_construct("comprehension", generator.iter)
    source = _source(lo, generator)
    if source is None:
        return False
    known = [lo.builder.literal(b) for b in source.bounds]
    if not source.plain:
        return True
    values = [k.value for k in known if k is not None]
    return len(values) < 3 or len(range(*values)) > UNROLLED


def _source(lo: Lowerer, generator: ast.comprehension) -> Source | None:
    """What is gone through, None where its items are known."""
    statement = ast.For(generator.target, generator.iter, [], [])
    going = len(lo.unit.going)
    source = iterated(lo.inner(), ast.copy_location(statement, generator.iter))
    if isinstance(source, Source) and source.static:
        refuse_inside(lo, generator.iter)
    del lo.unit.going[going:]
    return source if isinstance(source, Source) else None


def _generate(
    lo: Lowerer, generators: list[ast.comprehension], visit: Callable[[Lowerer], None]
) -> None:
    """Unroll a comprehension over items that are known when specialising.

    It has a frame of its own, so that functions made in it see the names as they are at its end.
    """
    source = lo.expr(generators[0].iter)
    frame = lo.inner()

    def each(source: Value, first: ast.comprehension, rest: list[ast.comprehension]) -> None:
        if first.is_async:
            lo.refuse_construct("comprehension", first.iter)
        if isinstance(source, Var) and (first is not generators[0] or growing.is_list(source)):
            raise _Data
        if isinstance(source, Var) and isinstance(source.type, Array):
            raise _Data
        for item in operands.iterate(frame, source, first.iter):
            operands.bind(frame, first.target, item)
            if all(_known_test(frame, test) for test in first.ifs):
                if rest:
                    each(frame.expr(rest[0].iter), rest[0], rest[1:])
                else:
                    visit(frame)

    each(source, generators[0], generators[1:])


def _known_test(frame: Lowerer, test: ast.expr) -> bool:
    value = growing.truth(frame, frame.expr(test))
    known = statics.known_truth(frame, value)
    if known is None and isinstance(value, Var) and not value.type.dims:
        if statics.demand(frame, value) is None:
            raise _Data
    return statics.truth(frame, test)


# -- as a loop -------------------------------------------------------------------------------------


def _listed(lo: Lowerer, node: Comprehension) -> Value:
    """The list that a loop over data appends to."""
    frame = lo.inner()
    name = _free_name("values", node)
    frame.locals[name] = growing.made(lo, Struct(list, ()))
    append = ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load())
    body: ast.stmt = ast.Expr(ast.Call(append, [node.elt], []))
    value = _looped(lo, frame, node, body, name)
    first = node.generators[0]
    if growing.is_list(value) and len(node.generators) == 1 and not first.ifs:
        _measure(lo, value)
    return value


def _looped(lo: Lowerer, frame: Lowerer, node: Comprehension, body: ast.stmt, name: str) -> Value:
    """What a name is after the loops; where they cannot be loops, NeedStatic may unroll them."""
    statement = body
    for generator in reversed(node.generators):
        for test in reversed(generator.ifs):
            statement = ast.If(test, [statement], [])
        statement = ast.For(generator.target, generator.iter, [statement], [])
    ast.copy_location(statement, node)
    for part in ast.walk(statement):
        if not hasattr(part, "lineno"):
            ast.copy_location(part, node)
    ast.fix_missing_locations(statement)
    assert isinstance(statement, ast.For)
    problem: UnsupportedError | None = None

    def run() -> bool:
        nonlocal problem
        try:
            loops.loop(frame, statement)
        except UnsupportedError as error:
            problem = error
            return False
        return True

    if not _attempt(lo, run):
        assert problem is not None
        _demand_bounds(lo, node)
        raise problem
    value = growing.now(frame, name, frame.locals[name], node)
    eqn = lo.builder.origin.get(value) if isinstance(value, Var) else None
    if eqn is not None and eqn.op == "for":
        lo.unit.nameless.add(eqn)
    return value


def _demand_bounds(lo: Lowerer, node: Comprehension) -> None:
    """Ask for the bounds of a range to be known, so that the comprehension is unrolled."""
    source = _source(lo, node.generators[0])
    for bound in source.bounds if source is not None else ():
        dim = int_dim(bound)
        if isinstance(bound, Var) and dim is not None:
            roots = statics.demand_size(lo, dim)
            if roots is not None:
                raise NeedStatic(roots, lo.span(node))


def _measure(lo: Lowerer, value: Var) -> None:
    """The length of a list that got one item in each trip."""
    eqn = lo.builder.origin.get(value)
    if eqn is None or eqn.op != "for" or not isinstance(value.type, List):
        return
    start, stop, step = map(int_dim, eqn.args[:3])
    if start is None or stop is None or step is None or step.known != 1:
        return
    if is_length(stop - start):
        value.type = List(value.type.element, stop - start)


def _free_name(wanted: str, node: ast.AST) -> str:
    """A name that the expression does not use."""
    used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    name, number = wanted, 2
    while name in used:
        name, number = f"{wanted}{number}", number + 1
    return name


def named(lo: Lowerer, value: Value, name: str) -> bool:
    """Give the result of a comprehension's loop, all through the loop, the name it is bound to."""
    eqn = lo.builder.origin.get(value) if isinstance(value, Var) else None
    if eqn is None or eqn not in lo.unit.nameless:
        return False
    lo.unit.nameless.discard(eqn)
    place = eqn.outs.index(value)
    old = eqn.outs[place].hint
    first = eqn.args[place + 3]
    begun = [first] if isinstance(first, Var) and first.hint == old and first.user else []
    for var in [*begun, *_carried(eqn, place, old)]:
        var.hint = name
    return True


def _carried(eqn: Eqn, place: int, hint: str) -> list[Var]:
    """The variables that a value is while it goes through a loop, and through loops within."""
    found = [eqn.outs[place]]
    for block in eqn.blocks:
        for inner in (*block.params, *(o for e in block.body for o in e.outs)):
            if inner.hint == hint and inner.user:
                found.append(inner)
        for e in block.body:
            for position, out in enumerate(e.outs):
                if e.blocks and out.hint == hint:
                    found += _carried(e, position, hint)
    return found


# -- what takes an iterable ------------------------------------------------------------------------

_LISTING: Final = (
    builtins.list, builtins.tuple, builtins.max, builtins.min, builtins.sorted, math.fsum,
)  # fmt: skip


def reduced(lo: Lowerer, func: Value, node: ast.Call) -> Value | None:
    """`sum(x * x for x in xs)` and the like over data; None for every other call."""
    fun = func.obj if isinstance(func, Static) else None
    if not node.args or not isinstance(node.args[0], Comprehension):
        return None
    part = node.args[0]
    plain = len(node.args) == 1 and not node.keywords
    named = len(node.args) == 1 and all(
        k.arg in ("key", "reverse", "default") for k in node.keywords
    )
    if plain and isinstance(part, ast.ListComp) and fun in (np.array, np.asarray):
        return _nested(lo, func, part, node)
    try:
        handler = _REDUCED.get(fun)
    except TypeError:
        return None
    if handler is None and not (isinstance(part, ast.GeneratorExp) and fun in _LISTING and named):
        return None
    two = fun in (builtins.sum, builtins.next) and len(node.args) == 2 and not node.keywords
    if not (plain or two or (handler is None and named)):
        return None

    rest = [lo.expr(arg) for arg in node.args[1:]]
    options = {str(k.arg): lo.expr(k.value) for k in node.keywords}
    unrolled = _unrolled(lo, part)
    if unrolled is not None:
        items = unrolled.items if isinstance(unrolled, Struct) else ()
        tested = fun in (builtins.any, builtins.all)
        if not tested or all(statics.known_truth(lo, i) is not None for i in items):
            return calls.call_value(lo, func, [unrolled, *rest], options, node)
    if handler is None:
        return calls.call_value(lo, func, [_listed(lo, part)], options, node)
    return handler(lo, part, rest[0] if rest else None)


def _nested(lo: Lowerer, func: Value, part: ast.ListComp, node: ast.Call) -> Value | None:
    """`np.array([[f(a, b) for b in y] for a in x])`: the rows are made arrays one by one."""

    first = part.generators[0]
    if not isinstance(part.elt, ast.ListComp) or not _attempt(
        lo, lambda: _is_data(lo, first), keep=False
    ):
        return None
    row = ast.Call(ast.Name(_ARRAY, ast.Load()), [part.elt], [])
    rows = ast.ListComp(row, part.generators)
    for new in (row, row.func, rows):
        ast.copy_location(new, node)
    frame = lo.inner()
    frame.locals[_ARRAY] = func
    return calls.call_value(lo, func, [_listed(frame, rows)], {}, node)


def of_list(lo: Lowerer, fun: Any, value: Var, node: ast.AST) -> Value:
    """`any(xs)`, `all(xs)`, `math.prod(xs)` of a list: the same of `(x for x in xs)`."""
    target = ast.Name("x", ast.Store())
    generator = ast.comprehension(target, ast.Name("items", ast.Load()), [], 0)
    part = ast.GeneratorExp(ast.Name("x", ast.Load()), [generator])
    for inner in ast.walk(part):
        ast.copy_location(inner, node)
    frame = lo.inner()
    frame.locals["items"] = value
    return _REDUCED[fun](frame, part, None)


def of_function(
    lo: Lowerer, fun: Value | None, items: Value, node: ast.AST, *, kept: Value | None = None
) -> Value:
    """`[f(x) for x in items]`, or `[x for x in items if keep(x)]`, of functions without names."""
    text = "[apply(x) for x in items]"
    if fun is None:
        text = f"[x for x in items if {'x' if kept is None else 'keep(x)'}]"
    made = ast.parse(text, mode="eval").body
    for part in ast.walk(made):
        ast.copy_location(part, node)
    assert isinstance(made, ast.ListComp)
    frame = lo.inner()
    given = {"apply": fun, "keep": kept, "items": items}
    frame.locals |= {name: value for name, value in given.items() if value is not None}
    return comprehension(frame, made)


def of_reduction(lo: Lowerer, fun: Value, items: Var, start: Value | None, node: ast.AST) -> Value:
    """`reduce(f, items, start)` over data: a loop."""
    frame = lo.inner()
    frame.locals |= {"combine": fun, "items": items}
    text = "for x in items:\n    total = combine(total, x)"
    if start is None:
        text = f"total = items[0]\n{text.replace('in items', 'in items[1:]')}"
    else:
        frame.locals["total"] = start
    statements = ast.parse(text).body
    for statement in statements:
        for part in ast.walk(statement):
            ast.copy_location(part, node)
    frame.body(statements)
    return frame.locals["total"]


def _sum(lo: Lowerer, node: Comprehension, start: Value | None) -> Value:
    try:
        return _accumulated(lo, node, ast.Add(), "total", const(0) if start is None else start)
    except UnsupportedError as error:
        if error.code != "CR054" or start is not None:
            raise
    listed = _listed(lo, node)  # of arrays, which do not start from the number 0
    assert growing.is_list(listed)
    return lo.builder.one("list_sum", [listed], {"fun": "sum"})


def _prod(lo: Lowerer, node: Comprehension, start: Value | None) -> Value:
    return _accumulated(lo, node, ast.Mult(), "product", const(1))


def _accumulated(
    lo: Lowerer, node: Comprehension, op: ast.operator, wanted: str, start: Value
) -> Value:
    frame, name = lo.inner(), _free_name(wanted, node)
    frame.locals[name] = start
    body = ast.AugAssign(ast.Name(name, ast.Store()), op, node.elt)
    return _looped(lo, frame, node, body, name)


_ANSWER, _ARRAY = "<answer>", "<array>"  # names that no user can have
Reduction = Callable[["Lowerer", Comprehension, "Value | None"], Value]


def _next(lo: Lowerer, node: Comprehension, start: Value | None) -> Value:
    """`next((f(x) for x in xs if test), default)`: the first item, found by a loop that ends."""
    if start is None:
        lo.refuse("CR033", "next() without a default, of values from data", node, "give a default")
    frame, name = lo.inner(), _free_name("first", node)
    flag = _ANSWER
    frame.locals |= {name: start, flag: const(True), _ARRAY: const(False)}
    body = ast.If(
        ast.Name(flag, ast.Load()),
        [
            ast.Expr(ast.Name(name, ast.Load())),  # so that the loop carries it
            ast.Assign([ast.Name(name, ast.Store())], node.elt),
            ast.Assign([ast.Name(flag, ast.Store())], ast.Name(_ARRAY, ast.Load())),
        ],
        [],
    )
    return _looped(lo, frame, node, body, name)


def _quantifier(stop: bool) -> Reduction:
    """`any`, `all`: nothing is tested any more once the answer is known."""

    def handler(lo: Lowerer, node: Comprehension, start: Value | None) -> Value:
        frame, name = lo.inner(), _free_name("found" if stop else "passed", node)
        frame.locals[name] = const(not stop)
        frame.locals[_ANSWER] = const(stop)
        test = node.elt if stop else ast.UnaryOp(ast.Not(), node.elt)
        decide = ast.Assign([ast.Name(name, ast.Store())], ast.Name(_ANSWER, ast.Load()))
        open_: ast.expr = ast.Name(name, ast.Load())
        if stop:
            open_ = ast.UnaryOp(ast.Not(), open_)
        body = ast.If(open_, [ast.If(test, [decide], [])], [])
        return _looped(lo, frame, node, body, name)

    return handler


_REDUCED: Final[dict[Any, Reduction]] = {
    builtins.sum: _sum,
    math.prod: _prod,
    builtins.next: _next,
    builtins.any: _quantifier(True),
    builtins.all: _quantifier(False),
}
