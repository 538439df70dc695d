"""Which results share memory with operands.

Safe way to err: taking a fresh array for a view costs a copy.
"""

from __future__ import annotations

from typing import Literal

from ..ir.program import Eqn
from .registry import OPS


def returns(eqn: Eqn) -> Literal["fresh", "view", "inplace"]:
    """Is the result memory of its own, a view of an operand, or its first operand overwritten?"""
    if eqn.op == "call":  # a backward function owns what it returns, a user's may return a view
        return "fresh" if eqn.backward else "view"
    if eqn.op == "index" and not eqn.outs[0].type.dims:  # a number
        return "fresh"
    if eqn.blocks or eqn.op == "pop":  # whatever the blocks return, whatever was recorded
        return "view"
    op = OPS.get(eqn.op)
    if op is None:
        return "fresh"
    if eqn.op == "einsum" and len(eqn.args) > 1:  # only a rearrangement of one operand is a view
        return "fresh"
    return op.returns  # type: ignore[return-value]
