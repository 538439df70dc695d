"""Dead code: equations whose results nobody uses are dropped, unless they have an effect.

In a loop or a branch, results that nobody uses go too; what a loop carries only for itself goes with
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..ir.dims import Dim
from ..ir.program import Block, Eqn, Function, Var, walk


def without_dead_code(function: Function) -> Function:
    """The function without equations that no result and no effect depends on."""
    live = {r for r in function.results if isinstance(r, Var)}
    return function.with_body(_swept(function.body, live))


def _swept(body: tuple[Eqn, ...], live: set[Var]) -> tuple[Eqn, ...]:
    """The equations that `live` values need; `live` grows by what they use."""
    kept: list[Eqn] = []
    for eqn in reversed(body):
        if not (_has_effect(eqn) or any(out in live for out in eqn.outs)):
            continue
        if eqn.blocks:
            eqn = _branches(eqn, live) if eqn.op == "if" else _loop(eqn, live)
        kept.append(eqn)
        live.update(eqn.uses())
        live.update(sized_by(eqn.static))
    return tuple(reversed(kept))


def _has_effect(eqn: Eqn) -> bool:
    return eqn.effect or any(e.effect for block in eqn.blocks for e in walk(block.body))


def _branches(eqn: Eqn, live: set[Var]) -> Eqn:
    keep = [i for i, out in enumerate(eqn.outs) if out in live]
    blocks = []
    for block in eqn.blocks:
        results = tuple(block.results[i] for i in keep)
        needed = {r for r in results if isinstance(r, Var)}
        blocks.append(Block((), _swept(block.body, needed), results))
        live |= needed
    return replace(eqn, outs=tuple(eqn.outs[i] for i in keep), blocks=tuple(blocks))


def _loop(eqn: Eqn, live: set[Var]) -> Eqn:
    """Keep what is used after the loop, in its test, or by what is kept."""
    fixed = 3 if eqn.op == "for" else 0
    body = eqn.blocks[-1]
    index = body.params[:1] if fixed else ()
    carried = body.params[len(index) :]
    until = eqn.static.get("until")  # what ends the loop early is needed whoever reads it later
    keep = {i for i, out in enumerate(eqn.outs) if out in live or carried[i] is until}
    while True:
        needed = {r for i in keep if isinstance(r := body.results[i], Var)}
        swept = _swept(body.body, needed)
        tests = [replace(b, body=_swept(b.body, needed)) for b in eqn.blocks[:-1]]
        for test in eqn.blocks[:-1]:
            wanted = {r for r in test.results if isinstance(r, Var)}
            _swept(test.body, wanted)
            places = dict(zip(test.params, carried, strict=True))
            needed |= {places.get(v, v) for v in wanted}
        more = {i for i, param in enumerate(carried) if param in needed}
        if more <= keep:
            break
        keep |= more
    live |= needed
    order = sorted(keep)
    tests = [
        Block(
            tuple(b.params[i] for i in order),
            _swept(b.body, {r for r in b.results if isinstance(r, Var)}),
            b.results,
        )
        for b in eqn.blocks[:-1]
    ]
    last = Block(
        (*index, *(carried[i] for i in order)), swept, tuple(body.results[i] for i in order)
    )
    args = (*eqn.args[:fixed], *(eqn.args[fixed + i] for i in order))
    outs = tuple(eqn.outs[i] for i in order)
    return replace(eqn, args=args, outs=outs, blocks=(*tests, last))


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
