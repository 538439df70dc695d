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
            live.update(sized_by(eqn.static))
    return function.with_body(tuple(reversed(kept)))


def sized_by(value: Any) -> Iterator[Var]:
    """The integers and arrays that the sizes in an option are read from."""
    if isinstance(value, Dim):
        for sym in value.terms:
            if sym.root is not None and isinstance(sym.root[0], Var):
                yield sym.root[0]
            yield from sized_by(sym.factors)
    elif isinstance(value, tuple):
        for item in value:
            yield from sized_by(item)
    elif isinstance(value, Mapping):
        yield from sized_by(tuple(value.values()))
