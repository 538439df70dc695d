"""What no lowering of an operation can do: refused before anything is lowered."""

from __future__ import annotations

from ..ir.callees import callees
from ..ir.program import Function, walk
from ..ir.types import is_complex
from .table import refuse


def refuse_limits(program: Function) -> None:
    """Refuse complex numbers."""
    for function in (program, *callees(program)):
        for eqn in walk(function.body):
            if any(is_complex(a.type) for a in (*eqn.args, *eqn.outs)):
                raise refuse(eqn, "complex numbers")
