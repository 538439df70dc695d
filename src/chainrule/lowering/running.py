"""Running sums and products, and differences along an axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn
from ..rules.builder import const
from ..rules.differences import chosen
from .arranging import replaced
from .elementwise import combined, only_element
from .function import as_lazy, number
from .joining import concatenated, flat
from .scalars import cast, constant
from .shape import cut
from .table import lowers
from .values import Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("cumsum", "cumprod")
def running(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Each element with all that come before it along an axis."""
    code, dtype = lo.code, eqn.out.type.dtype
    axis = eqn.static["axis"]
    value = flat(lo, args[0]) if axis is None else as_lazy(args[0])
    axis = 0 if axis is None else axis % len(value.dims)
    made = code.alloc(dtype, value.dims, lo.hint(eqn.out))
    text = "_0 + _1" if eqn.op == "cumsum" else "_0 * _1"
    before, after = value.dims[:axis], value.dims[axis + 1 :]

    def element(index: Index) -> Atom:
        return cast(code, value.at(index), dtype)

    def lines(outer: Index) -> None:
        if not after:
            total = code.cell(constant(eqn.op == "cumprod", dtype), dtype, "total")
            with code.loop(value.dims[axis]) as i:
                code.set(total, code.py(text, (total, element((*outer, i))), dtype))
                code.store(made, total, (*outer, i))
            return
        with code.loop(value.dims[axis]) as i:

            def run(inner: Index) -> None:
                index = (*outer, i, *inner)
                with code.when(code.test("_0 == 0", i)):
                    code.store(made, element(index), index)
                with code.when(code.test("_0 > 0", i)):
                    last = code.load(made, (*outer, code.whole("sub", i, const(1)), *inner))
                    code.store(made, code.py(text, (last, element(index)), dtype), index)

            code.nest(after, run)

    code.nest(before, lines)
    return code.lazy(made)


@lowers("diff")
def diff(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Differences of neighbours, several times."""
    code, dtype = lo.code, eqn.out.type.dtype
    value = as_lazy(args[0])
    axis = eqn.static["axis"] % len(value.dims)
    ends = [eqn.static.get("prepend"), eqn.static.get("append")]
    if any(e is not None for e in ends):
        one = replaced(value.dims, axis, const(1))
        caps = [None if e is None else number(dtype, constant(e, dtype), one) for e in ends]
        parts = [p for p in (caps[0], value, caps[1]) if p is not None]
        value = concatenated(lo, eqn, parts, axis, dtype)
    for _ in range(eqn.static["n"]):
        if value.cost > 1:
            value = lo.stored(value)
        value = _difference(lo, value, axis, dtype)
    del code
    return value


def _difference(lo: Lowerer, value: Lazy, axis: int, dtype: str) -> Lazy:
    code = lo.code
    size = code.whole("max", code.whole("sub", value.dims[axis], const(1)), const(0))
    left, right = cut(lo, value, axis, const(0), size), cut(lo, value, axis, const(1), size)
    text = "_0 != _1" if dtype == "bool" else "_0 - _1"

    def at(index: Index) -> Atom:
        pair = [cast(code, side.at(index), dtype) for side in (right, left)]
        return code.py(text, pair, dtype)

    return combined(dtype, left.dims, at, [left, right], 1)


@lowers("gradient")
def gradient(lo: Lowerer, eqn: Eqn, args: list[Value]) -> tuple[Value, ...] | Value:
    """Differences of the neighbours on both sides, one-sided at the ends."""
    value = as_lazy(args[0])
    spacing = [only_element(a) for a in args[1:]]
    axes = chosen(eqn.static["axis"], len(value.dims))
    if value.cost > 1:
        value = lo.stored(value)
    made: list[Value] = []
    for number_, axis in enumerate(axes):
        h: Atom = const(1.0)
        if spacing:
            h = spacing[number_ if len(spacing) > 1 else 0]
        made.append(_slopes(lo, eqn, value, axis, h, lo.hint(eqn.outs[number_])))
    return tuple(made) if eqn.several else made[0]


def _slopes(lo: Lowerer, eqn: Eqn, value: Lazy, axis: int, h: Atom, hint: str) -> Value:
    code, dtype = lo.code, eqn.outs[0].type.dtype
    step = cast(code, h, dtype)
    size, order = value.dims[axis], eqn.static["edge_order"]
    error = 'ValueError("Shape of array too small to calculate a numerical gradient")'
    code.refuse_if(error, "_0 < _1", size, const(order + 1))
    made = code.alloc(dtype, value.dims, hint)
    last = code.whole("sub", size, const(1))

    def element(index: Index, place: Atom) -> Atom:
        return cast(code, value.at(replaced(index, axis, place)), dtype)

    def inside(index: Index) -> None:
        i = code.whole("add", index[axis], const(1))
        pair = (element(index, code.whole("add", i, const(1))), element(index, index[axis]), step)
        two = constant(2, dtype)
        slope = code.py("(_0 - _1) / (_3 * _2)", (*pair, two), dtype)
        code.store(made, slope, replaced(index, axis, i))

    def edge(end: int):  # type: ignore[no-untyped-def]
        def run(index: Index) -> None:
            at = [
                const(k) if end == 0 else code.whole("sub", last, const(k))
                for k in range(order + 1)
            ]
            found = [element(index, a) for a in at]
            sign = "" if end == 0 else "-"
            if order == 1:
                text = "(_1 - _0) / _2" if end == 0 else "(_0 - _1) / _2"
                slope = code.py(text, (*found, step), dtype)
            else:
                weights = [constant(w, dtype) for w in (-1.5, 2.0, -0.5)]
                text = f"{sign}(_4 * _0 + _5 * _1 + _6 * _2) / _3"
                slope = code.py(text, (*found, step, *weights), dtype)
            code.store(made, slope, replaced(index, axis, at[0]))

        return run

    code.nest(replaced(value.dims, axis, code.whole("sub", size, const(2))), inside)
    for end in (0, 1):
        code.nest(replaced(value.dims, axis, const(1)), edge(end))
    return code.lazy(made)
