"""Powers of Python floats stay real: `(-8.0) ** 0.5` is a complex number in Python.

    y = pow(x, 0.5)   ->   y = pow[real](x, 0.5), written real_power(x, 0.5)

Only where the exponent may be a fraction and the base may be negative. Arrays give NaN there, and
`math.pow` raises.
"""

from __future__ import annotations

from dataclasses import replace

from ..analysis.sign import known, not_negative
from ..ir.program import Eqn, Function, definitions, in_blocks
from ..ir.types import Scalar, is_complex, is_inexact


def real_powers(function: Function) -> Function:
    """The function with a check of the powers that may be complex."""
    origin = definitions(function)

    def is_doubtful(eqn: Eqn) -> bool:
        if eqn.op != "pow" or eqn.via not in ("", "aug"):
            return False
        if not all(isinstance(a.type, Scalar) and a.type.weak for a in eqn.args):
            return False
        base, exponent = eqn.args
        if is_complex(base.type) or is_complex(exponent.type):
            return False
        value = known(exponent, origin)
        whole = value is not None and float(value.value).is_integer()
        return is_inexact(exponent.type) and not whole and not not_negative(base, origin)

    def changed(eqn: Eqn) -> Eqn:
        if is_doubtful(eqn):
            return replace(eqn, via="real")
        return in_blocks(eqn, lambda b: replace(b, body=tuple(map(changed, b.body))))

    return function.with_body(tuple(map(changed, function.body)))
