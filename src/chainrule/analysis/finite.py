"""Which values may be infinite or NaN though all inputs are finite.

A gradient that is exactly zero because of a selection stays zero only if it is not multiplied by such
a value. Safe way to err: calling a value infinite that is not costs a guard.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..ir.program import Const, Eqn, Function, Var, walk
from ..ir.types import is_complex, is_inexact

_FINITE: Final = frozenset(
    {"add", "sub", "mul", "neg", "pos", "abs", "absolute", "fabs", "sum", "mean", "max", "min", "index",
     "alias", "T", "transpose", "reshape", "ravel", "expand_dims", "squeeze", "broadcast_to",
     "concatenate", "stack", "array", "matmul", "dot", "outer", "inner", "square", "sin", "cos", "tanh",
     "arctan", "sigmoid", "sign", "maximum", "minimum", "clip", "where", "cbrt", "var", "std",
     "cumsum", "trace", "diag", "tril", "triu", "flip", "roll", "swapaxes", "moveaxis", "zeros",
     "ones", "full", "float", "item", "const", "size", "set_at", "add_at",
     "einsum", "tensordot", "hypot", "expit", "accumulate", "cast", "chain", "filled", "number", "own",
     "pop", "rank0", "record", "sum_to", "hstack", "vstack", "pad", "take", "flatten", "copy",
     "asarray", "ascontiguousarray", "atleast_1d", "atleast_2d", "diff",
     "list_new", "list_append", "list_extend", "list_pop", "list_set", "list_get", "list_slice",
     "list_concat", "list_copy", "list_repeat", "list_stack", "list_join", "list_from", "list_sum",
     "list_max", "list_min", "list_take", "real", "imag", "conj", "angle", "complex", "complex_of"}
)  # fmt: skip


_ASKING: Final = frozenset(
    {"isnan", "isinf", "isfinite", "isposinf", "isneginf", "nan_to_num", "fmax", "fmin", "nansum",
     "nanmean", "nanvar", "nanstd", "nanmax", "nanmin"}
)  # fmt: skip


def asks(function: Function) -> bool:
    """Does the function reckon with infinite or NaN inputs?"""
    return any(eqn.op in _ASKING for eqn in walk(function.body))


def maybe_infinite(function: Function, given: Iterable[Var] = ()) -> set[Var]:
    """The values that an operation may have made infinite or NaN, where the `given` ones may be."""
    found: set[Var] = set(given)
    while True:
        before = len(found)
        for eqn in walk(function.body):
            if eqn.blocks:
                _control(eqn, found)
            elif eqn.op == "push":
                if eqn.args[1] in found:  # what is recorded here is read by `pop`
                    found.update(eqn.uses())
            elif _is_copied_list(eqn):
                if eqn.args[0] in found:
                    found.update(eqn.outs)
            elif _makes(eqn) or any(var in found for var in eqn.uses()):
                found.update(out for out in eqn.outs if is_inexact(out.type))
        if len(found) == before:
            return found


def _control(eqn: Eqn, found: set[Var]) -> None:
    """What goes into and comes out of blocks: all of it, if any of it may be infinite."""
    inside = [v for b in eqn.blocks for v in (*b.params, *b.results) if isinstance(v, Var)]
    touched = [*eqn.uses(), *inside, *eqn.outs]
    if any(v in found for v in touched):
        found.update(v for v in (*inside, *eqn.outs) if is_inexact(v.type))


def _is_copied_list(eqn: Eqn) -> bool:
    return eqn.op == "own" and eqn.outs[0].type.dtype == "object"


def _makes(eqn: Eqn) -> bool:
    if eqn.op == "div":
        return not (isinstance(eqn.args[1], Const) and eqn.args[1].value != 0)
    if eqn.op == "pow":
        return not has_power_of_at_least(eqn, 0)
    return eqn.op not in _FINITE


def has_power_of_at_least(eqn: Eqn, least: float) -> bool:
    """Is the exponent a number, and not smaller than `least`?"""
    exponent = eqn.args[1]
    return (
        isinstance(exponent, Const)
        and not is_complex(exponent.type)
        and bool(exponent.value >= least)
    )
