"""The step of a program of index sets that NumPy has no operation for, see `transform.index_sets`."""

from __future__ import annotations

from ..ir.types import Type
from .registry import NotSupported, OpCall, internal, no_derivative


def _untyped(call: OpCall) -> Type:
    raise NotSupported("a step that only transform.index_sets writes")


_op = internal("sets", "parts", _untyped, static=("how",))
_op.variadic, _op.varargs = "parts", True
no_derivative(_op, because="index sets are no numbers")
