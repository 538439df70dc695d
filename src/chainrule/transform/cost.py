"""What a value of the forward pass costs: to compute again, or to record, itself or its array.

In Python a list takes and gives a number in 12 ns, as long as one operation takes. Compiled, a record
goes to memory and back, and a product is done in the time in which four of them are loaded.
"""

from __future__ import annotations

from typing import Final

from ..ir.program import Const, Eqn
from ..ir.types import Scalar

CHEAP: Final = frozenset(
    {"add", "sub", "mul", "neg", "alias", "floordiv", "mod", "lt", "le", "gt", "ge", "eq", "ne",
     "and", "or", "not", "index", "size", "const", "py_max", "py_min", "list_get", "list_len"}
)  # fmt: skip
COMPILED: Final = CHEAP | {"div", "abs", "square", "maximum", "minimum", "where", "monomial"}
_LARGEST_POWER: Final = 4


def cheap(eqn: Eqn, *, compiled: bool) -> bool:
    """Is an operation done again sooner than its result is recorded and read?"""
    if compiled:
        return eqn.op in COMPILED or (eqn.op == "pow" and _small_power(eqn))
    if eqn.op == "div":  # cheaper than a record of its own beside one of the operands
        # of NumPy's numbers it would warn once more
        return all(isinstance(a.type, Scalar) and a.type.weak for a in eqn.args)
    return eqn.op in CHEAP


def _small_power(eqn: Eqn) -> bool:
    exponent = eqn.args[1]
    if not isinstance(exponent, Const) or not isinstance(exponent.value, int | float):
        return False
    return float(exponent.value).is_integer() and 0 <= exponent.value <= _LARGEST_POWER


def read_again_and_again(eqn: Eqn, loops: int) -> bool:
    """Is an element read so many times that its array is recorded sooner, once before these loops?"""
    if eqn.op != "index" or any(kind != "int" for kind, *_ in eqn.static["pattern"]):
        return False
    return len(eqn.args[0].type.dims) < loops
