"""Which values are surely not negative, by the operations that made them.

Safe way to err: a value that is not listed costs a check at run time. NaN counts as not negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import is_complex, is_inexact

_ALWAYS: Final = frozenset(
    {"abs", "absolute", "fabs", "exp", "exp2", "sqrt", "square", "cosh", "hypot", "sigmoid", "expit",
     "size", "linalg.norm", "root", "var", "std"}
)  # fmt: skip
_TOGETHER: Final = frozenset(
    {"add", "mul", "div", "sum", "mean", "prod", "accumulate", "alias", "const", "float", "number",
     "index", "pos", "py_min", "minimum", "min", "max", "item"}
)  # fmt: skip


def not_negative(atom: Atom, origin: Mapping[Var, Eqn]) -> bool:
    """Is this value 0 or more, whatever the inputs are?"""
    if isinstance(atom, Const):
        return atom.value is not None and not is_complex(atom.type) and bool(atom.value >= 0)
    eqn = origin.get(atom)
    if eqn is None or len(eqn.outs) != 1:
        return False
    if eqn.op in _ALWAYS:
        return True
    if eqn.op == "mul" and eqn.args[0] is eqn.args[1]:
        return True
    if eqn.op == "pow":
        exponent = known(eqn.args[1], origin)
        even = exponent is not None and exponent.value % 2 == 0
        return even or not_negative(eqn.args[0], origin)
    if eqn.op in ("py_max", "maximum"):
        return any(not_negative(arg, origin) for arg in eqn.args)
    if eqn.op == "where":
        return all(not_negative(arg, origin) for arg in eqn.args[1:])
    if eqn.op in _TOGETHER and not _starts_below_zero(eqn):
        return all(not_negative(a, origin) for a in eqn.args if isinstance(a, Const) or _counts(a))
    return False


def _starts_below_zero(eqn: Eqn) -> bool:
    """Has a reduction an `initial` that may be negative?"""
    return not (eqn.static.get("initial") or 0.0) >= 0


def _counts(var: Var) -> bool:
    """Indices and the like have no part in the value."""
    return is_inexact(var.type) or not var.type.dims


def known(atom: Atom, origin: Mapping[Var, Eqn]) -> Const | None:
    """The constant that a value is, under whatever name."""
    while isinstance(atom, Var):
        eqn = origin.get(atom)
        if eqn is None or eqn.op not in ("const", "alias"):
            return None
        atom = eqn.args[0]
    return atom
