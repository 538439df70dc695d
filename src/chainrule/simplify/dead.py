"""Dead code: equations whose results nobody uses are dropped, unless they are kept for an effect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..ir.dims import Dim
from ..ir.program import Eqn, Function, Var


def without_dead_code(function: Function) -> Function:
    """The function without equations that no result and no effect depends on."""
    live = {r for r in function.results if isinstance(r, Var)}
    kept: list[Eqn] = []
    for eqn in reversed(function.body):
        if eqn.effect or any(out in live for out in eqn.outs):
            kept.append(eqn)
            live.update(eqn.uses())
            live.update(integers(eqn.static))
    return function.with_body(tuple(reversed(kept)))


def integers(value: Any) -> Iterator[Var]:
    """The integer values that sizes in an option are made of."""
    if isinstance(value, Dim):
        for sym in value.terms:
            if sym.root is not None and sym.root[1] is None and isinstance(sym.root[0], Var):
                yield sym.root[0]
            yield from integers(sym.factors)
    elif isinstance(value, tuple):
        for item in value:
            yield from integers(item)
    elif isinstance(value, Mapping):
        yield from integers(tuple(value.values()))
