"""Elementwise operations: an array of elements that are computed when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import is_complex
from ..rules.builder import const
from ..rules.registry import OPS
from .broadcasting import joint, stretched
from .function import as_lazy, changed, number
from .scalars import SCALAR_ONLY, cast, element, is_python
from .table import lowers, refuse
from .values import Held, Index, Lazy, Value

if TYPE_CHECKING:
    from .function import Lowerer

_CHEAP: Final = frozenset(
    {"add", "sub", "mul", "neg", "pos", "eq", "ne", "lt", "le", "gt", "ge", "where", "abs", "square",
     "maximum", "minimum", "accumulate", "chain", "cast", "astype", "logical_and", "logical_or",
     "logical_not", "div", "sqrt"}
)  # fmt: skip
_ELEMENTWISE: Final = [name for name, op in OPS.items() if op.elementwise]
# What is computed like another operation, of the first operands.
_LIKE: Final = {
    "root": ("sqrt", 1), "rooted_power": ("pow", 2), "monomial": ("mul", 2),
    "monomial_power": ("pow", 2),
}  # fmt: skip
_SAME: Final = ("alias", "stop_gradient", "copy", "real", "conj", "real_if_close")


@lowers(*(set(_ELEMENTWISE) - set(_SAME)), "cast", "chain", "special.polygamma")
def elementwise(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """An operation on each element; on numbers, the number."""
    if eqn.op in _LIKE:
        op, count = _LIKE[eqn.op]
        eqn, args = replace(eqn, op=op, args=eqn.args[:count]), args[:count]
    if any(isinstance(a, Held) for a in args):
        raise refuse(eqn, "arithmetic with a list")
    code = lo.code
    if not any(isinstance(a, Lazy) for a in args):
        whole = eqn.op in ("add", "sub", "mul") and {*dtypes_of(args), eqn.out.type.dtype} == {
            "int64"
        }
        if whole and is_python(eqn):
            return code.whole(eqn.op, *args)  # type: ignore[arg-type]
        return element(code, eqn, args)  # type: ignore[arg-type]
    dims = joint(lo, [a.dims for a in args if isinstance(a, Lazy)])
    operands = [stretched(lo, a, dims) if isinstance(a, Lazy) else as_lazy(a) for a in args]
    dtype = eqn.out.type.dtype
    if all(o.fill is not None for o in operands):
        return number(dtype, element(code, eqn, [o.fill for o in operands if o.fill]), dims)

    def at(index: Index) -> Atom:
        return element(code, eqn, [o.fill or o.at(index) for o in operands])

    return combined(dtype, dims, at, operands, 1 if eqn.op in _CHEAP else 8)


def dtypes_of(values: Sequence[Value]) -> list[str]:
    """The precisions of numbers."""
    return [v.type.dtype for v in values if isinstance(v, Var | Const)]


def combined(dtype: str, dims: tuple[Atom, ...], at, operands: Sequence[Lazy], cost: int) -> Lazy:  # type: ignore[no-untyped-def]
    """An array whose elements are computed from those of others at the same position."""
    reads = frozenset().union(*(o.reads for o in operands))
    crossed = frozenset().union(*(o.crossed for o in operands))
    return Lazy(dtype, dims, at, reads, crossed, cost + sum(o.cost for o in operands))


@lowers(*SCALAR_ONLY - {"math.remainder"})
def of_numbers(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A function of numbers; an array of one element counts as one."""
    return element(lo.code, eqn, [only_element(a) for a in args])


def only_element(value: Value) -> Atom:
    """The number, or the only element of an array."""
    assert not isinstance(value, Held)
    return value.at((const(0),) * len(value.dims)) if isinstance(value, Lazy) else value


@lowers(*_SAME)
def same(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The same values under another name; real parts and conjugates of complex numbers."""
    if eqn.op in ("real", "conj") and is_complex(eqn.args[0].type):
        return elementwise(lo, eqn, args)
    return args[0]


@lowers("astype", "asarray", "ascontiguousarray", "asfortranarray", "rank0")
def converted(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """The same values in the precision of the result."""
    value, dtype = args[0], eqn.out.type.dtype
    if isinstance(value, Lazy) and len(value.dims) < len(eqn.out.type.dims):
        inner = value  # an array of rank 0 becomes one of a single element
        value = changed(inner, dims=(const(1),), at=lambda index: inner.at(()))
    if not isinstance(value, Lazy):
        assert not isinstance(value, Held)
        made = cast(lo.code, value, dtype)
        return (
            number(dtype, made, (const(1),) * len(eqn.out.type.dims)) if eqn.out.type.dims else made
        )
    if value.dtype == dtype:
        return value
    if value.fill is not None:
        return number(dtype, cast(lo.code, value.fill, dtype), value.dims)
    return combined(dtype, value.dims, lambda i: cast(lo.code, value.at(i), dtype), [value], 1)


@lowers("accumulate")
def accumulate(lo: Lowerer, eqn: Eqn, args: list[Value]) -> Value:
    """A sum of gradients: added to the memory of the first where nobody needs that any more."""
    base, part = args
    if isinstance(base, Lazy) and base.buffer is not None and base.dtype == eqn.out.type.dtype:
        buffer = base.buffer
        if lo.may_take(buffer, eqn.args[0]):
            dims = joint(lo, [base.dims, as_lazy(part).dims])
            if len(dims) == len(base.dims):
                wide = lo.apart(stretched(lo, part, base.dims), buffer, aligned=True)
                assert isinstance(wide, Lazy)
                code, dtype = lo.code, base.dtype
                code.nest(
                    base.dims,
                    lambda i: code.store(buffer, cast(code, wide.at(i), dtype), i, add=True),
                )
                return base
    return elementwise(lo, eqn, args)
