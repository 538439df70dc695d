"""Products of stacks of vectors and matrices, and chains of matrices."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from ..ir.program import Eqn
from .contractions import conjugate, contract
from .function import as_lazy
from .table import lowers
from .values import Value

if TYPE_CHECKING:
    from .function import Lowerer


@lowers("vecdot", "matvec", "vecmat")
def stacked(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """Sums over one shared axis; the axes in front broadcast."""
    a, b = map(as_lazy, args)
    if eqn.op != "matvec":
        a = conjugate(lo, a)
    inner = {"vecdot": ("i", "i", ""), "matvec": ("mi", "i", "m"), "vecmat": ("i", "im", "m")}
    first, second, result = inner[eqn.op]
    ranks = len(a.dims) - len(first), len(b.dims) - len(second)
    stack = string.ascii_uppercase[: max(ranks)]
    axis = eqn.static.get("axis", -1)
    terms = []
    for rank, term, value in zip(ranks, (first, second), (a, b), strict=True):
        labels = list(stack[len(stack) - rank :])
        if eqn.op == "vecdot":
            labels.insert(axis % len(value.dims), term)
        else:
            labels += term
        terms.append("".join(labels))
    return contract(lo, terms, stack + result, [a, b], eqn.out.type.dtype, lo.hint(eqn.out))


@lowers("linalg.multi_dot")
def multi_dot(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """From left to right: the order that takes the fewest products is not looked for."""
    total = as_lazy(args[0])
    left = "a" if len(total.dims) == 2 else ""
    for arg in args[1:]:
        right = as_lazy(arg)
        end = "c" if len(right.dims) == 2 else ""
        terms = [f"{left}b", f"b{end}"]
        total = as_lazy(contract(lo, terms, left + end, [total, right], eqn.out.type.dtype))
    return total
