"""What no lowering of an operation can do: refused before anything is lowered."""

from __future__ import annotations

from ..ir.program import Function, Knot, walk
from ..ir.types import is_complex
from .table import refuse


def refuse_limits(program: Function) -> None:
    """Refuse complex numbers, functions that call themselves, records of several values at once."""
    todo, seen = [program], {program}
    while todo:
        for eqn in walk(todo.pop().body):
            callee = eqn.static.get("callee")
            if any(is_complex(a.type) for a in (*eqn.args, *eqn.outs)):
                raise refuse(eqn, "complex numbers")
            if isinstance(callee, Knot):
                raise refuse(eqn, f"{callee.name} calls itself")
            if eqn.op == "push" and len(eqn.args) > 2:
                raise refuse(eqn, "a loop with checkpoints")
            if isinstance(callee, Function) and callee not in seen:
                seen.add(callee)
                todo.append(callee)
