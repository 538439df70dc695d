"""Dead code: equations whose results nobody uses are dropped, unless they are kept for an effect."""

from __future__ import annotations

from ..ir.program import Eqn, Function, Var


def without_dead_code(function: Function) -> Function:
    """The function without equations that no result and no effect depends on."""
    live = {r for r in function.results if isinstance(r, Var)}
    kept: list[Eqn] = []
    for eqn in reversed(function.body):
        if eqn.effect or any(out in live for out in eqn.outs):
            kept.append(eqn)
            live.update(eqn.uses())
    return function.with_body(tuple(reversed(kept)))
