"""Reductions: sums, products, extremes, moments, over any axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from ..ir.program import Atom, Const, Eqn
from ..rules.builder import const
from ..rules.shapes import normalized
from .broadcasting import stretched
from .code import Code, known
from .elementwise import combined
from .function import as_lazy, changed, number
from .scalars import cast, constant
from .table import lowers, refuse
from .values import Buffer, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

Step = Callable[[Code, Atom, Atom], Atom]  # the accumulator and an element


def text_step(text: str, dtype: str) -> Step:
    """A step that is an expression of the accumulator and the element."""
    return lambda code, acc, x: code.py(text, (acc, x), dtype)


def reduce(
    lo: Lowerer,
    value: Lazy,
    axes: Sequence[int],
    dtype: str,
    start: Atom | None,
    step: Step,
    *,
    keepdims: bool = False,
    hint: str = "",
) -> Value:
    """Fold the elements along some axes; without a start, from the first element on.

    Axes at the end are folded into a cell; others into the memory of the result, so that memory is
    gone through in its order.
    """
    code = lo.code
    kept = [i for i in range(len(value.dims)) if i not in axes]
    dims = tuple(value.dims[i] for i in kept)
    folded = tuple(value.dims[i] for i in axes)
    if start is None:
        for size in folded:
            if known(size) is None:
                code.refuse_if(
                    'ValueError("zero-size array to reduction operation")', "_0 == 0", size
                )

    def element(outer: Index, inner: Index) -> Atom:
        index: list[Atom] = [const(0)] * len(value.dims)
        for axis, i in (*zip(kept, outer, strict=True), *zip(axes, inner, strict=True)):
            index[axis] = i
        return cast(code, value.at(tuple(index)), dtype)

    def total(outer: Index) -> Atom:
        first = start if start is not None else element(outer, (const(0),) * len(axes))
        if all(known(size) == 1 for size in folded):
            one = element(outer, (const(0),) * len(axes))
            return step(code, first, one) if start is not None else one
        cell = code.cell(first, dtype, hint or "total")
        code.nest(folded, lambda inner: code.set(cell, step(code, cell, element(outer, inner))))
        return cell

    if not kept:
        result = total(())
        return number(dtype, result, (const(1),) * len(axes)) if keepdims else result
    by_rows = max(kept) > min(axes, default=99)
    zero = by_rows and isinstance(start, Const) and not start.value
    made = code.alloc(dtype, dims, hint, zero=zero)
    if not by_rows:
        code.nest(dims, lambda outer: code.store(made, total(outer), outer))
    elif zero:
        _by_rows(code, value, made, kept, axes, element, step)
    else:
        zeros = (const(0),) * len(axes)
        code.nest(
            dims, lambda o: code.store(made, start if start is not None else element(o, zeros), o)
        )
        _by_rows(code, value, made, kept, axes, element, step)
    lazy = code.lazy(made)
    return with_ones(lazy, axes) if keepdims else lazy


def _by_rows(
    code: Code,
    value: Lazy,
    made: Buffer,
    kept: Sequence[int],
    axes: Sequence[int],
    element: Callable[[Index, Index], Atom],
    step: Step,
) -> None:
    """Fold into the memory of the result, going through the operand in its order."""

    def run(index: Index) -> None:
        outer = tuple(index[i] for i in kept)
        inner = tuple(index[i] for i in axes)
        code.store(made, step(code, code.load(made, outer), element(outer, inner)), outer)

    code.nest(value.dims, run)


def with_ones(value: Lazy, axes: Sequence[int]) -> Lazy:
    """The array with axes of length 1 put in."""
    rank = len(value.dims) + len(axes)
    kept = [i for i in range(rank) if i not in axes]
    dims: list[Atom] = [const(1)] * rank
    for i, size in zip(kept, value.dims, strict=True):
        dims[i] = size
    return changed(
        value, dims=tuple(dims), at=lambda index: value.at(tuple(index[i] for i in kept))
    )


def axes_of(eqn: Eqn, value: Lazy) -> tuple[int, ...]:
    """The axes that are reduced."""
    return normalized(eqn.static.get("axis"), len(value.dims))


def plain(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Lazy:
    """The operand, where options that change what is reduced are not given."""
    if eqn.static.get("where", True) is not True or eqn.static.get("out") is not None:
        raise refuse(eqn, f"{eqn.op} with where= or out=")
    return as_lazy(args[0])


def keeps(eqn: Eqn) -> bool:
    """Is `keepdims=True` given?"""
    return bool(eqn.static.get("keepdims"))


def hint_of(lo: Lowerer, eqn: Eqn) -> str:
    """A name for the accumulator."""
    return lo.hint(eqn.out)


def initial(lo: Lowerer, eqn: Eqn, args: list[Value], default: Atom) -> Atom:
    """The number that a sum or product begins with."""
    given = eqn.static.get("initial")
    if given is None:
        return default
    return cast(
        lo.code,
        lo.atom(given, args) if not isinstance(given, float) else const(given),
        default.type.dtype,
    )


@lowers("sum", "prod", "nansum")
def sum_(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A sum or a product."""
    value, dtype = plain(lo, eqn, args), eqn.out.type.dtype
    text, start = ("_0 * _1", 1) if eqn.op == "prod" else ("_0 + _1", 0)
    if eqn.op == "nansum":
        value = without_nan(lo, value, 0)
    first = initial(lo, eqn, args, constant(start, dtype))
    return reduce(
        lo, value, axes_of(eqn, value), dtype, first, text_step(text, dtype),
        keepdims=keeps(eqn), hint=hint_of(lo, eqn),
    )  # fmt: skip


def without_nan(lo: Lowerer, value: Lazy, instead: float) -> Lazy:
    """The array with a number in place of NaN."""
    if np.dtype(value.dtype).kind != "f":
        return value
    if value.cost > 1:
        value = lo.stored(value)
    other = constant(instead, value.dtype)

    def at(index: Index) -> Atom:
        x = value.at(index)
        return lo.code.py("_1 if np.isnan(_0) else _0", (x, other), value.dtype)

    return combined(value.dtype, value.dims, at, [value], 1)


def scaled(lo: Lowerer, value: Value, text: str, other: Atom, dtype: str) -> Value:
    """An expression of each element and a number."""
    if not isinstance(value, Lazy):
        return lo.code.py(text, (value, other), dtype)  # type: ignore[arg-type]
    lazy = value
    if lazy.fill is not None:
        return number(dtype, lo.code.py(text, (lazy.fill, other), dtype), lazy.dims)
    return combined(
        dtype, lazy.dims, lambda i: lo.code.py(text, (lazy.at(i), other), dtype), [lazy], 1
    )


_EXTREMES: Final = {"max": "np.maximum(_0, _1)", "min": "np.minimum(_0, _1)",
                    "nanmax": "np.fmax(_0, _1)", "nanmin": "np.fmin(_0, _1)"}  # fmt: skip


@lowers("max", "min", "nanmax", "nanmin")
def extreme(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The largest or smallest element."""
    value, dtype = plain(lo, eqn, args), eqn.out.type.dtype
    given = eqn.static.get("initial")
    start = None if given is None else initial(lo, eqn, args, constant(0, dtype))
    text = _EXTREMES[eqn.op]
    if dtype == "bool":
        text = "_0 or _1" if "max" in eqn.op else "_0 and _1"
    return reduce(
        lo, value, axes_of(eqn, value), dtype, start, text_step(text, dtype),
        keepdims=keeps(eqn), hint=hint_of(lo, eqn),
    )  # fmt: skip


@lowers("ptp")
def spread(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The largest element less the smallest."""
    value, dtype = plain(lo, eqn, args), eqn.out.type.dtype
    if value.cost > 1:
        value = lo.stored(value)
    ends = [
        reduce(
            lo,
            value,
            axes_of(eqn, value),
            dtype,
            None,
            text_step(_EXTREMES[k], dtype),
            keepdims=keeps(eqn),
        )
        for k in ("max", "min")
    ]
    return pairwise(lo, ends, "_0 - _1", dtype)


def pairwise(lo: Lowerer, values: Sequence[Value], text: str, dtype: str) -> Value:
    """An expression of the elements of two values of one shape."""
    code = lo.code
    if not any(isinstance(v, Lazy) for v in values):
        return code.py(text, values, dtype)  # type: ignore[arg-type]
    dims = next(v.dims for v in values if isinstance(v, Lazy))
    parts = [as_lazy(v) for v in values]

    def at(index: Index) -> Atom:
        return code.py(text, [p.fill or p.at(index) for p in parts], dtype)

    return combined(dtype, dims, at, parts, 1)


@lowers("any", "all")
def any_all(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Is one true, are all true?"""
    value = truth(lo, plain(lo, eqn, args))
    text = "_0 or _1" if eqn.op == "any" else "_0 and _1"
    start = constant(eqn.op == "all", "bool")
    return reduce(
        lo, value, axes_of(eqn, value), "bool", start, text_step(text, "bool"), keepdims=keeps(eqn)
    )


def truth(lo: Lowerer, value: Lazy) -> Lazy:
    """The elements as bools."""
    if value.dtype == "bool":
        return value
    if value.fill is not None:
        return number("bool", cast(lo.code, value.fill, "bool"), value.dims)
    return combined("bool", value.dims, lambda i: cast(lo.code, value.at(i), "bool"), [value], 1)


@lowers("count_nonzero")
def count_nonzero(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """How many elements are not zero."""
    value = truth(lo, as_lazy(args[0]))
    code = lo.code
    ints = combined("int64", value.dims, lambda i: cast(code, value.at(i), "int64"), [value], 1)
    return reduce(
        lo,
        ints,
        axes_of(eqn, value),
        "int64",
        const(0),
        text_step("_0 + _1", "int64"),
        keepdims=keeps(eqn),
    )


@lowers("argmax", "argmin")
def arg_extreme(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The position of the first extreme element, or of the first NaN."""
    value = plain(lo, eqn, args)
    code = lo.code
    axis = eqn.static.get("axis")
    rank = len(value.dims)
    axes = tuple(range(rank)) if axis is None else (axis % rank,)
    if value.cost > 1:
        value = lo.stored(value)
    kept = [i for i in range(rank) if i not in axes]
    folded = tuple(value.dims[i] for i in axes)
    for size in folded:
        if known(size) is None:
            code.refuse_if(
                'ValueError("attempt to get argmax of an empty sequence")', "_0 == 0", size
            )

    def find(outer: Index) -> Atom:
        def element(inner: Index) -> Atom:
            index: list[Atom] = [const(0)] * rank
            for a, i in (*zip(kept, outer, strict=True), *zip(axes, inner, strict=True)):
                index[a] = i
            return value.at(tuple(index))

        best = code.cell(element((const(0),) * len(axes)), value.dtype, "best")
        place = code.cell(const(0), "int64", "place")

        def run(inner: Index) -> None:
            x = element(inner)
            sign = ">" if eqn.op == "argmax" else "<"
            text = f"_0 {sign} _1 or _0 != _0 and _1 == _1"
            if value.dtype == "bool":
                text = "_0 and not _1" if sign == ">" else "_1 and not _0"
            with code.when(code.test(text, x, best)):
                code.set(best, x)
                flat: Atom = const(0)
                for i, size in zip(inner, folded, strict=True):
                    flat = code.whole("add", code.whole("mul", flat, size), i)
                code.set(place, flat)

        code.nest(folded, run)
        return place

    keep = keeps(eqn)
    if not kept:
        found = find(())
        return number("int64", found, (const(1),) * rank) if keep else found
    made = code.alloc("int64", tuple(value.dims[i] for i in kept), hint_of(lo, eqn))
    code.nest(made.dims, lambda outer: code.store(made, find(outer), outer))
    lazy = code.lazy(made)
    return with_ones(lazy, axes) if keep else lazy


@lowers("sum_to")
def sum_to(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The sum over axes that were broadcast, which is seen when the program runs."""
    value = as_lazy(args[0])
    code, dtype = lo.code, eqn.out.type.dtype
    dims = lo.shape(eqn.static["dims"], args)
    extra = len(value.dims) - len(dims)
    made = code.alloc(dtype, dims, hint_of(lo, eqn), zero=True)

    def run(index: Index) -> None:
        inner: list[Atom] = []
        for i, mine, theirs in zip(index[extra:], dims, value.dims[extra:], strict=True):
            if mine is theirs:
                inner.append(i)
            elif known(mine) == 1:
                inner.append(const(0))
            else:
                factor = code.early("narrow", "1 if _0 == _1 else 0", (mine, theirs), "step")
                inner.append(code.whole("mul", i, factor))
        code.store(made, cast(code, value.at(index), dtype), tuple(inner), add=True)

    code.nest(value.dims, run)
    return code.lazy(made)


@lowers("allclose", "array_equal")
def whole_test(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """One bool for two arrays."""
    from .broadcasting import joint

    code = lo.code
    a, b = as_lazy(args[0]), as_lazy(args[1])
    if eqn.op == "array_equal":
        if len(a.dims) != len(b.dims):
            return constant(False, "bool")
        for mine, theirs in zip(a.dims, b.dims, strict=True):
            if mine is not theirs and not (
                known(mine) is not None and known(mine) == known(theirs)
            ):
                raise refuse(eqn, "array_equal of arrays whose sizes may differ")
    dims = joint(lo, [a.dims, b.dims])
    wide = [stretched(lo, x, dims) for x in (a, b)]

    def at(index: Index) -> Atom:
        x, y = (cast(code, w.at(index), "float64") for w in wide)
        nan = "np.isnan(_0) and np.isnan(_1) or " if eqn.static.get("equal_nan") else ""
        if eqn.op == "array_equal":
            return code.py(f"{nan}_0 == _1", (x, y), "bool")
        limits = (const(eqn.static["rtol"]), const(eqn.static["atol"]))
        text = f"{nan}_0 == _1 or np.isfinite(_1) and abs(_0 - _1) <= _3 + _2 * abs(_1)"
        return code.py(text, (x, y, *limits), "bool")

    tests = combined("bool", dims, at, wide, 2)
    return reduce(
        lo,
        tests,
        tuple(range(len(dims))),
        "bool",
        constant(True, "bool"),
        text_step("_0 and _1", "bool"),
    )
