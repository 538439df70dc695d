"""What a lowered function gets and gives: numbers, contiguous arrays, the parts of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.dims import Dim
from ..ir.program import Atom, Eqn, Function, Var, walk
from ..ir.types import Array, List, Scalar, Type
from ..rules.builder import const
from .code import INT
from .items import copied, item_parts, items_of, parts_of, same_layout
from .scalars import cast
from .table import lowers
from .values import Buffer, Dims, Items, Lazy, Record, Value

if TYPE_CHECKING:
    from .function import Lowered, Lowerer

_ANY = Dim(0)


def parameters(lo: Lowerer) -> list[Var]:
    """The parameters of the lowered function, and what the program's parameters are."""
    params: list[Var] = []
    for var in lo.function.params:
        params += _parameter(lo, var)
    for var, name in lo.function.captures.items():
        (given,) = _parameter(lo, var)
        lo.captured[name] = given
    return params


def _parameter(lo: Lowerer, var: Var) -> list[Var]:
    if isinstance(var.type, List):
        parts = item_parts(var.type.element, var.hint)
        lo.env[var] = items_of(var.type.element, parts, owned=False)
        return parts
    if var.type.dtype == "object":
        return _record(lo, var)
    given = Var(var.hint, var.type)
    lo.code.depth_of[given] = 1
    if isinstance(var.type, Scalar):
        lo.env[var] = given
        return [given]
    dims: list[Atom] = []
    for axis, dim in enumerate(var.type.dims):
        atom: Atom = const(dim.known) if dim.known is not None else lo.code.emit(
            "dim", (given,), INT, "n", axis=axis)  # fmt: skip
        if var not in lo.absent:
            if isinstance(atom, Var) and dim.sym in lo.sizes:
                atom = lo.code.same(lo.sizes[dim.sym], atom)
            lo.note_size(atom, dim)
        dims.append(atom)
    lo.env[var] = lo.code.lazy(Buffer(given, tuple(dims), owned=False))
    return [given]


def _record(lo: Lowerer, var: Var) -> list[Var]:
    """A record that a forward function filled."""
    pops = [e for e in walk(lo.function.body) if e.op in ("pop", "own") and var in e.args]
    seen = {var, *(o for e in pops if e.op == "own" for o in e.outs)}
    taken = [e for e in walk(lo.function.body) if e.op == "pop" and e.args[0] in seen]
    dtype = taken[0].out.type.dtype if taken else "float64"
    if dtype == "object":
        dtype = _handed_on(lo, taken[0].out)
    parts = record_parts(dtype, var.hint)
    lo.env[var] = record_of(parts, None)
    return parts


def _handed_on(lo: Lowerer, var: Var) -> str:
    """The dtype of a record that a call takes apart."""
    for eqn in walk(lo.function.body):
        if eqn.op == "own" and eqn.args[0] is var:
            return _handed_on(lo, eqn.out)
        if eqn.op == "call" and var in eqn.args:
            before = eqn.args[: eqn.args.index(var)]
            place = sum(map(parts_count, (a.type for a in before)))
            return lo.done[eqn.static["callee"]].function.params[place].type.dtype
        if eqn.op == "pop" and eqn.args[0] is var:
            inner = eqn.out.type.dtype
            return _handed_on(lo, eqn.out) if inner == "object" else inner
    return "float64"


def record_dtype(lo: Lowerer, var: Var) -> str:
    """The dtype of what a recorded value holds, also of a record that a call returned."""
    if var.type.dtype != "object":
        return var.type.dtype
    for eqn in walk(lo.function.body):
        if eqn.op == "call" and var in eqn.outs:
            before = eqn.outs[: eqn.outs.index(var)]
            place = sum(map(parts_count, (o.type for o in before)))
            return lo.done[eqn.static["callee"]].function.results[place].type.dtype
    return "float64"


def parts_count(type_: Type) -> int:
    """How many numbers and arrays stand for a value where functions call each other."""
    if isinstance(type_, List):
        return len(item_parts(type_.element, ""))
    return 4 if type_.dtype == "object" else 1


def record_parts(dtype: str, hint: str) -> list[Var]:
    """Variables for the memory, the count, the shapes and their count."""
    return [
        Var(hint, Array(dtype, (_ANY,))),
        Var(f"{hint}_count", INT),
        Var(f"{hint}_shapes", Array("int64", (_ANY,))),
        Var(f"{hint}_sizes", INT),
    ]


def record_of(cells: list[Var], dims: Dims | None) -> Record:
    """The record that is made of these parts."""
    data, count, shapes, sizes = cells
    return Record(
        Buffer(data, (), owned=False), count, Buffer(shapes, (), owned=False), sizes, dims
    )


def results(lo: Lowerer) -> tuple[Atom, ...]:
    """What the lowered function returns: arrays in memory that nothing else has."""
    given: list[Atom] = []
    seen: set[Buffer] = set()
    for result in lo.function.results:
        value = lo.value(result)
        if isinstance(value, Record):
            given += [value.data.var, value.count, value.shapes.var, value.sizes]
        elif isinstance(value, Items):
            assert isinstance(result.type, List)
            given += parts_of(_own_items(lo, result, result.type.element, value, seen))
        elif isinstance(result.type, Scalar):
            assert not isinstance(value, Lazy)
            given.append(cast(lo.code, value, result.type.dtype))
        else:
            given.append(own_memory(lo, result, value, seen).var)
    return tuple(given)


def _own_items(
    lo: Lowerer, result: Atom, element: Scalar | Array | None, items: Items, seen: set[Buffer]
) -> Items:
    """A list in memory that nobody else has."""
    fits = items.data.owned and items.data.root not in seen
    if not (fits and same_layout(items.element, element)):
        hint = lo.hint(result) if isinstance(result, Var) else ""
        items = copied(lo, items, element, hint)
    seen.add(items.data.root)
    return items


def own_memory(lo: Lowerer, result: Atom, value: Value, seen: set[Buffer]) -> Buffer:
    """Memory of a result that nobody else has; `seen` is that of the other results."""
    from .function import as_lazy

    lazy = as_lazy(value)
    buffer = lazy.buffer
    fits = lazy.dtype == result.type.dtype
    if buffer is None or not buffer.owned or not fits or buffer.root in seen:
        hint = lo.hint(result) if isinstance(result, Var) else ""
        buffer = lo.stored(lazy, hint, result.type.dtype).buffer
        assert buffer is not None
    seen.add(buffer.root)
    return buffer


@lowers("call")
def call(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...]:
    """A call of a lowered function; what it reads from outside is handed on."""
    callee: Function = eqn.static["callee"]
    lowered: Lowered = lo.done[callee]
    given: list[Atom] = []
    for param, value in zip(callee.params, args, strict=True):
        given += _argument(lo, param, value)
    sources = dict(
        zip(
            lowered.captured,
            lowered.function.params[len(lowered.function.params) - len(lowered.captured) :],
            strict=True,
        )
    )
    for name in lowered.captured:
        if name not in lo.captured:
            lo.captured[name] = Var(sources[name].hint, sources[name].type)
        given.append(lo.captured[name])
    outs: list[Var] = []
    made: list[Value] = []
    for out, result in zip(eqn.outs, callee.results, strict=True):
        parts, value = _result(lo, out, result, lowered.function.results[len(outs)])
        outs += parts
        made.append(value)
    lo.code.append(
        Eqn(tuple(outs), "call", tuple(given), {"name": lowered.function.name}, effect=True)
    )
    return tuple(_sized(lo, v) for v in made)


def _argument(lo: Lowerer, param: Var, value: Value) -> list[Atom]:
    from .function import number

    if isinstance(value, Record):
        return [value.data.var, value.count, value.shapes.var, value.sizes]
    if isinstance(value, Items):
        assert isinstance(param.type, List)
        fits = same_layout(value.element, param.type.element)
        return parts_of(value if fits else copied(lo, value, param.type.element, param.hint))
    if isinstance(value, Lazy) and isinstance(param.type, Scalar):
        value = value.at(())
    if isinstance(value, Lazy):
        if value.dtype != param.type.dtype:
            return [lo.memory(lo.stored(value, "", param.type.dtype)).var]
        return [lo.memory(value).var]
    number_ = cast(lo.code, value, param.type.dtype)
    if isinstance(param.type, Scalar):
        return [number_]
    return [lo.memory(number(param.type.dtype, number_)).var]


def _result(lo: Lowerer, out: Var, result: Atom, given: Atom) -> tuple[list[Var], Value]:
    hint = lo.hint(out)
    if isinstance(result.type, List):
        parts = item_parts(result.type.element, hint)
        return parts, items_of(result.type.element, parts, owned=True)
    if result.type.dtype == "object":
        parts = record_parts(given.type.dtype, hint)
        return parts, record_of(parts, None)
    made = Var(hint, result.type)
    if isinstance(result.type, Scalar):
        return [made], made
    return [made], lo.code.lazy(Buffer(made, ()))


def _sized(lo: Lowerer, value: Value) -> Value:
    """The array with sizes that are read from it."""
    if not isinstance(value, Lazy) or value.buffer is None:
        return value
    return sized(lo, value.buffer.var)


def sized(lo: Lowerer, var: Var, known: tuple[Atom | None, ...] = ()) -> Lazy:
    """Memory whose sizes are read where it is got, unless they are known."""
    dims: list[Atom] = []
    for axis in range(len(var.type.dims)):
        size = known[axis] if known else None
        dims.append(size or lo.code.emit("dim", (var,), INT, "n", axis=axis))
    return lo.code.lazy(Buffer(var, tuple(dims)))
