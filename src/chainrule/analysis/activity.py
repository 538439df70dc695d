"""Which values carry a gradient: they depend on an active input and a wanted result depends on them.

Safe way to err: calling a value active that is not costs time and never a wrong number.
"""

from __future__ import annotations

from collections.abc import Collection

from ..ir.program import Eqn, Function, Var
from ..ir.types import is_inexact
from ..rules.registry import OPS, NoDerivative


def varied(function: Function, wrt: Collection[Var]) -> set[Var]:
    """The values that change, to first order, when `wrt` change."""
    active = set(wrt)
    for eqn in function.body:
        if any(
            passes(eqn, i) and a in active for i, a in enumerate(eqn.args) if isinstance(a, Var)
        ):
            active.update(out for out in eqn.outs if is_inexact(out.type))
    return active


def useful(function: Function, results: Collection[Var]) -> set[Var]:
    """The values on which `results` depend to first order."""
    needed = set(results)
    for eqn in reversed(function.body):
        if any(out in needed for out in eqn.outs):
            needed.update(
                a for i, a in enumerate(eqn.args) if isinstance(a, Var) and passes(eqn, i)
            )
    return needed


def passes(eqn: Eqn, position: int) -> bool:
    """Can a gradient flow through argument number `position`?"""
    arg = eqn.args[position]
    if not is_inexact(arg.type) or not any(is_inexact(out.type) for out in eqn.outs):
        return False
    op = OPS.get(eqn.op)
    if op is None or not op.operands:
        return True
    return not isinstance(op.rules.get(operand_name(eqn, position)), NoDerivative)


def operand_name(eqn: Eqn, position: int) -> str:
    """The name of the operand that argument number `position` belongs to.

    A variadic operand stands for all arguments that the others leave over.
    """
    op = OPS[eqn.op]
    if op.variadic is None:
        return op.operands[min(position, len(op.operands) - 1)]
    place = op.operands.index(op.variadic)
    count = len(eqn.args) - (len(op.operands) - 1)
    if position < place:
        return op.operands[position]
    if position < place + count:
        return op.variadic
    return op.operands[position - count + 1]
