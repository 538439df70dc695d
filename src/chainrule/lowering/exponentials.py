"""Softmax, its logarithm, and logsumexp: the largest is subtracted before exponentials are summed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ir.program import Atom, Eqn
from .broadcasting import stretched
from .elementwise import combined
from .function import as_lazy
from .reductions import axes_of, keeps, pairwise, plain, reduce, scaled, text_step
from .scalars import cast, constant
from .table import lowers
from .values import Index, Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("special.softmax", "special.log_softmax", "special.logsumexp")
def exponentials(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The shares of exponentials, their logarithms, or the logarithm of their sum."""
    value, dtype = plain(lo, eqn, args), eqn.out.type.dtype
    if value.cost > 1:
        value = lo.stored(value)
    axes, code = axes_of(eqn, value), lo.code
    summed = eqn.op == "special.logsumexp"

    def largest(keepdims: bool) -> Value:
        least = constant(float("-inf"), dtype)
        found = reduce(
            lo, value, axes, dtype, least, text_step("np.maximum(_0, _1)", dtype), keepdims=keepdims
        )
        return scaled(lo, found, "_1 if np.isinf(_0) else _0", constant(0, dtype), dtype)

    middle = stretched(lo, lo.stored(as_lazy(largest(True))), value.dims)

    def gap(index: Index) -> Atom:
        x = cast(code, value.at(index), dtype)
        return code.py("_0 - _1", (x, middle.at(index)), dtype)

    def exponential(index: Index) -> Atom:
        return code.py("np.exp(_0)", (gap(index),), dtype)

    terms = combined(dtype, value.dims, exponential, [value, middle], 8)
    if eqn.op == "special.softmax":
        terms = lo.stored(terms)
    total = reduce(
        lo, terms, axes, dtype, constant(0, dtype), text_step("_0 + _1", dtype),
        keepdims=keeps(eqn) or not summed,
    )  # fmt: skip
    if summed:
        return pairwise(lo, [total, largest(keeps(eqn))], "np.log(_0) + _1", dtype)
    wide = stretched(lo, lo.stored(as_lazy(total)), value.dims)
    text = "_0 - np.log(_1)" if eqn.op == "special.log_softmax" else "_0 / _1"
    first = gap if eqn.op == "special.log_softmax" else terms.at

    def at(index: Index) -> Atom:
        return code.py(text, (first(index), wide.at(index)), dtype)

    return combined(dtype, value.dims, at, [terms, value, middle, wide], 4)
