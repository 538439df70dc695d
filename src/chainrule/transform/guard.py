"""Contributions where a gradient is exactly zero and the rule's factor may be infinite.

    dx = 0.5 / y * dy   ->   dx = 0.5 / where(dy != 0, y, 1.0) * dy

`0 * inf` would be NaN where a selection has dropped the value. The factor is computed of a number
that is safe instead, so that NumPy does not warn either. Python numbers are left alone where the
gradient is zero: `0.5 / y * dy if dy != 0 else 0.0`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import Array, Scalar, is_complex, is_inexact
from ..rules.builder import Builder, const
from ..rules.registry import OPS, Rule

_NUMBERS: Final = (1.0, 0.5, 2.0)


def guarded(builder: Builder, gradient: Atom, contribution: Atom) -> Atom:
    """A contribution that is zero wherever the gradient of the result is."""
    used = _used(builder, gradient)
    numbers = all(isinstance(a.type, Scalar) for a in (used, contribution))
    zero = const(0j if numbers and is_complex(contribution.type) else 0.0)
    return builder.one("where", [used, contribution, zero], {}, "" if numbers else "np")


def safe_equation(
    builder: Builder, gradient: Atom, eqn: Eqn, rule: Rule, read: Collection[Var]
) -> Eqn | None:
    """The equation with safe numbers, where the gradient is zero, in the values that are read.

    None where that does not serve: for numbers, and where no number is safe for the rule.
    """
    values = [a for a in (*eqn.args, *eqn.outs) if isinstance(a, Var) and a in read]
    values = [v for v in dict.fromkeys(values) if is_inexact(v.type)]
    number = _safe_number(eqn, rule)
    if number is None or not values or not isinstance(gradient.type, Array):
        return None
    safe = {v: safe_value(builder, gradient, v, number) for v in values}
    args = tuple(safe.get(a, a) if isinstance(a, Var) else a for a in eqn.args)
    return replace(eqn, args=args, outs=tuple(safe.get(o, o) for o in eqn.outs))


def safe_value(builder: Builder, gradient: Atom, value: Var, number: float = 1.0) -> Var:
    """The value where the gradient is not zero, and a number elsewhere."""
    return builder.one("where", [_used(builder, gradient), value, const(number)], {}, "np")


def _used(builder: Builder, gradient: Atom) -> Var:
    return builder.one("ne", [gradient, const(0.0)])


def _safe_number(eqn: Eqn, rule: Rule) -> float | None:
    """A number for which the rule makes zero of a zero gradient, without a warning."""
    op = OPS[eqn.op]

    def value(name: str, number: float) -> Any:
        atom: Atom = eqn.outs[0]
        if name in op.operands:
            atom = eqn.args[op.operands.index(name)]
            if isinstance(atom, Const):
                return np.full(1, atom.value)
        elif name in eqn.static:
            return eqn.static[name]
        return np.full(1, number, complex if is_complex(atom.type) else float)

    for number in _NUMBERS:
        try:
            with np.errstate(all="raise"):
                result = rule.fun(np.zeros(1), *(value(p, number) for p in rule.params[1:]))
        except (ArithmeticError, ValueError):
            continue
        if np.all(np.asarray(result) == 0):
            return number
    return None
