"""What a lowered function gets and gives: numbers, contiguous arrays, the parts of records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.dims import Dim
from ..ir.program import Atom, Eqn, Function, Var, called, definitions, walk
from ..ir.types import Array, List, Scalar, Type
from ..rules.builder import const
from ..transform.recursion import SAVED_TYPE
from .code import INT
from .items import copied, item_parts, items_of, parts_of, same_layout
from .scalars import cast
from .table import lowers
from .tape import DEEPEST, TOO_DEEP, is_saved, new_tape, tape
from .values import Buffer, Dims, Items, Lazy, Record, Value

if TYPE_CHECKING:
    from .function import Lowerer
    from .outline import Outline

_ANY = Dim(0)


def parameters(lo: Lowerer) -> list[Var]:
    """The parameters of the lowered function, and what the program's parameters are."""
    params: list[Var] = []
    for var in lo.function.params:
        params += _parameter(lo, var)
    params += _tape(lo)
    for var, name in lo.function.captures.items():
        _parameter(lo, var, lo.captured[name])
    return params


def _tape(lo: Lowerer) -> list[Var]:
    """The parameters for the tape and for how deep the call is; a root may make the tape itself."""
    outline = lo.outline
    params: list[Var] = []
    if takes_tape(outline, root=lo.root):
        lo.tape = tape()
        params += lo.tape.whole if outline.writes else lo.tape.memory
    elif outline.writes or outline.reads or lo.hands_tape:
        lo.tape = new_tape(lo)
    if outline.recursive:
        depth = Var("depth", INT)
        lo.depth = depth
        params.append(depth)
        lo.code.refuse_if(TOO_DEEP, "_0 > _1", depth, const(DEEPEST))
    return params


def takes_tape(outline: Outline, *, root: bool) -> bool:
    """Does a function get the tape? A root gets one that its forward function wrote."""
    return outline.reads and not (root and outline.writes)


def _parameter(lo: Lowerer, var: Var, given: Var | None = None) -> list[Var]:
    if isinstance(var.type, List):
        parts = item_parts(var.type.element, var.hint)
        lo.env[var] = items_of(var.type.element, parts, owned=False)
        return parts
    if var.type.dtype == "object":
        if is_saved(var):
            lo.env[var] = place = Var(var.hint, INT)
            return [place]
        return _record(lo, var)
    given = given or Var(var.hint, var.type)
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
    parts = record_parts(taken_dtype(lo.function, var), var.hint)
    lo.env[var] = record_of(parts, None)
    return parts


def taken_dtype(function: Function, var: Var) -> str:
    """The dtype of what a record holds that this function, or one that it calls, takes apart."""
    for eqn in walk(function.body):
        if eqn.op == "own" and eqn.args[0] is var:
            return taken_dtype(function, eqn.out)
        if eqn.op == "call" and var in eqn.args:
            callee = called(eqn)
            return taken_dtype(callee, callee.params[eqn.args.index(var)])
        if eqn.op in ("pop", "peek") and eqn.args[0] is var:
            if eqn.out.type.dtype != "object":
                return eqn.out.type.dtype
            return "int64" if is_saved(eqn.out) else taken_dtype(function, eqn.out)
    return "float64"


def record_dtype(function: Function, var: Var) -> str:
    """The dtype of what a recorded value holds, also of a record that a call returned."""
    if var.type.dtype != "object":
        return var.type.dtype
    if is_saved(var):
        return "int64"
    made = definitions(function).get(var)
    if made is not None and made.op == "call":
        callee = called(made)
        result = callee.results[made.outs.index(var)]
        assert isinstance(result, Var)
        return record_dtype(callee, result)
    if made is not None and made.op in ("own", "pop"):
        source = made.args[0]
        assert isinstance(source, Var)
        return record_dtype(function, source) if made.op == "own" else "float64"
    pushed = (e.args[1] for e in walk(function.body) if e.op == "push" and e.args[0] is var)
    return next((record_dtype(function, v) for v in pushed if isinstance(v, Var)), "float64")


def parts_count(type_: Type) -> int:
    """How many numbers and arrays stand for a value where functions call each other."""
    if isinstance(type_, List):
        return len(item_parts(type_.element, ""))
    return 4 if type_.dtype == "object" and type_ != SAVED_TYPE else 1


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
            saved = result.type.dtype == "object"
            given.append(value if saved else cast(lo.code, value, result.type.dtype))
        else:
            given.append(own_memory(lo, result, value, seen).var)
    if lo.tape is not None:
        given += lo.tape.memory if lo.hands_tape else []
        given += lo.tape.whole if lo.outline.writes and not lo.root else []
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
    """A call of a lowered function; the tape and what it reads from outside are handed on."""
    callee = called(eqn)
    outline = lo.known[callee]
    given: list[Atom] = []
    for param, value in zip(callee.params, args, strict=True):
        given += _argument(lo, param, value)
    if takes_tape(outline, root=False):
        assert lo.tape is not None
        given += lo.tape.whole if outline.writes else lo.tape.memory
    if outline.recursive:
        given.append(lo.code.whole("add", lo.depth, const(1)) if lo.outline.recursive else const(0))
    given += [lo.captured[name] for name in outline.captured]
    outs: list[Var] = []
    made: list[Value] = []
    for out, result in zip(eqn.outs, callee.results, strict=True):
        parts, value = _result(lo, out, callee, result)
        outs += parts
        made.append(value)
    if outline.writes and lo.tape is not None:
        outs += lo.tape.whole
    lo.code.append(Eqn(tuple(outs), "call", tuple(given), {"name": outline.name}, effect=True))
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
    if param.type.dtype == "object":  # a place on the tape
        return [value]
    number_ = cast(lo.code, value, param.type.dtype)
    if isinstance(param.type, Scalar):
        return [number_]
    return [lo.memory(number(param.type.dtype, number_)).var]


def _result(lo: Lowerer, out: Var, callee: Function, result: Atom) -> tuple[list[Var], Value]:
    hint = lo.hint(out)
    if isinstance(result.type, List):
        parts = item_parts(result.type.element, hint)
        return parts, items_of(result.type.element, parts, owned=True)
    if result.type.dtype == "object":
        assert isinstance(result, Var)
        if is_saved(result):
            place = Var(hint, INT)
            return [place], place
        parts = record_parts(record_dtype(callee, result), hint)
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
