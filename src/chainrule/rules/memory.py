"""Which results share memory with operands.

Safe way to err: taking a fresh array for a view costs a copy.
"""

from __future__ import annotations

from typing import Final, Literal

from ..ir.program import Eqn
from .registry import OPS


def returns(eqn: Eqn) -> Literal["fresh", "view", "inplace"]:
    """Is the result memory of its own, a view of an operand, or its first operand overwritten?"""
    if eqn.op == "call":  # a backward function owns what it returns, a user's may return a view
        return "fresh" if eqn.backward else "view"
    if eqn.op == "index":  # a number, or what arrays and masks take
        number = not eqn.outs[0].type.dims
        return "view" if not number and is_basic(eqn.static["pattern"]) else "fresh"
    if eqn.blocks or eqn.op == "pop":  # whatever the blocks return, whatever was recorded
        return "view"
    op = OPS.get(eqn.op)
    if op is None:
        return "fresh"
    if eqn.op == "einsum" and len(eqn.args) > 1:  # only a rearrangement of one operand is a view
        return "fresh"
    return op.returns  # type: ignore[return-value]


# Operations whose result always is a view of their first operand.
_VIEWS: Final = frozenset(
    {"T", "alias", "atleast_1d", "broadcast_to", "diagonal", "expand_dims", "flip", "fliplr",
     "flipud", "matrix_transpose", "moveaxis", "rollaxis", "rot90", "squeeze", "swapaxes",
     "transpose"}
)  # fmt: skip


def is_surely_view(eqn: Eqn) -> bool:
    """Is the result a view of the first operand, whatever the layout of that in memory?"""
    if eqn.op == "index":
        return bool(eqn.outs[0].type.dims) and is_basic(eqn.static["pattern"])
    return eqn.op in _VIEWS and len(eqn.outs) == 1


def is_basic(pattern: tuple[tuple[object, ...], ...]) -> bool:
    """Only integers, slices, new axes and an ellipsis: NumPy makes a view."""
    return all(entry[0] in ("int", "slice", "new", "all") for entry in pattern)
