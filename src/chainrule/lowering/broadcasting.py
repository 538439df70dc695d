"""Broadcasting: sizes that operands have together, and positions in an operand that is stretched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ir.program import Atom, Var
from ..rules.builder import const
from .code import MISMATCH, Code, known
from .function import as_lazy, changed
from .values import Dims, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer


def maybe_one(code: Code, size: Atom) -> bool:
    """Can an axis have length 1?"""
    return size not in code.plural if isinstance(size, Var) else known(size) == 1


def joint_size(code: Code, a: Atom, b: Atom) -> Atom:
    """The size that an axis has after broadcasting, checked where it is not known."""
    if a is b or known(b) == 1:
        return a
    if known(a) == 1:
        return b
    if known(a) is not None and known(a) == known(b):
        return a
    one_a, one_b = maybe_one(code, a), maybe_one(code, b)
    if not one_a and not one_b:
        return code.same(a, b)

    def check() -> Var:
        tests = [f"{x} != 1" for x, may in (("_0", one_a), ("_1", one_b)) if may]
        code.refuse_if(MISMATCH, " and ".join(["_0 != _1", *tests]), a, b)
        return code.early("joint", "_1 if _0 == 1 else _0", (a, b))

    names = tuple(x if isinstance(x, Var) else known(x) for x in (a, b))
    result = code.once(("joined", *names), check)
    if not one_a or not one_b:
        code.plural.add(result)
    return result


def joint(lo: Lowerer, shapes: Sequence[Dims]) -> Dims:
    """The sizes that operands broadcast to."""
    rank = max(map(len, shapes), default=0)
    result: list[Atom] = [const(1)] * rank
    for dims in shapes:
        for axis, size in enumerate(dims, start=rank - len(dims)):
            result[axis] = joint_size(lo.code, result[axis], size)
    return tuple(result)


def stretched(lo: Lowerer, value: Value, dims: Dims) -> Lazy:
    """An operand with the sizes of the result; one that takes work per element is stored before."""
    lazy = as_lazy(value)
    code = lo.code
    if lazy.fill is not None:
        return changed(lazy, dims=dims)
    extra = len(dims) - len(lazy.dims)
    factors: list[Atom | None] = []
    for mine, theirs in zip(lazy.dims, dims[extra:], strict=True):
        factors.append(_factor(code, mine, theirs))
    if not extra and all(f is None for f in factors):
        return lazy
    if lazy.cost > 1:
        lazy = lo.stored(lazy)
    source = lazy

    def at(index: Index) -> Atom:
        inner = index[extra:]
        return source.at(
            tuple(
                i if f is None else code.whole("mul", i, f)
                for i, f in zip(inner, factors, strict=True)
            )
        )

    return changed(lazy, dims=dims, at=at)


def _factor(code: Code, mine: Atom, theirs: Atom) -> Atom | None:
    """What a position of the result is multiplied with: 0 where the operand has length 1."""
    if mine is theirs or (known(mine) is not None and known(mine) == known(theirs)):
        return None
    if known(mine) == 1:
        return const(0)
    if not maybe_one(code, mine):
        return None
    return code.early("factor", "0 if _0 == 1 else 1", (mine,), "step")


def fitted(lo: Lowerer, value: Value, dims: Dims) -> Lazy:
    """A value that is written into a place of these sizes."""
    lazy = as_lazy(value)
    while len(lazy.dims) > len(dims):  # NumPy lets go of axes of length 1 in front
        source = lazy
        if known(lazy.dims[0]) != 1:
            lo.code.same(lazy.dims[0], const(1))
        lazy = changed(
            lazy,
            dims=lazy.dims[1:],
            at=lambda index, source=source: source.at((const(0), *index)),
        )
    for mine, theirs in zip(lazy.dims, dims[len(dims) - len(lazy.dims) :], strict=True):
        joined = joint_size(lo.code, mine, theirs)
        if joined is not theirs:
            lo.code.same(joined, theirs)
    return stretched(lo, lazy, dims)
