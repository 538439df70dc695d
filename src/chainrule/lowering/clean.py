"""Dropping what nobody reads from lowered programs.

What is needed is marked from the end: results, exceptions, calls, and from there whatever they read,
writes into memory and cells that are read, and the loops and tests around all that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ..ir.program import Eqn, Function, Var, in_blocks, walk

_ALWAYS = frozenset({"raise_if", "raise", "call", "end_if"})
_WRITES = frozenset({"store", "set", "room"})


def cleaned(function: Function) -> Function:
    """The program without what has no effect on its results."""
    live = {r for r in function.results if isinstance(r, Var)}
    while True:
        before = len(live)
        _mark(function.body, live)
        if len(live) == before:
            break
    return function.with_body(tuple(_kept(function.body, live)))


def needed(eqn: Eqn, live: set[Var]) -> bool:
    """Does an equation without blocks have an effect on what is live?"""
    if eqn.op in _ALWAYS:
        return True
    if eqn.op in _WRITES:
        return eqn.args[0] in live
    if eqn.op == "run":
        target = eqn.static.get("writes")
        return target is None or target in live
    return any(out in live for out in eqn.outs)


def _mark(body: Iterable[Eqn], live: set[Var]) -> bool:
    """Mark what needed equations read, from the last one on; is any of them needed?"""
    found = False
    for eqn in reversed(tuple(body)):
        if eqn.blocks:
            inner = [_mark(b.body, live) for b in reversed(eqn.blocks)]
            if not (any(inner) or eqn.op == "while"):
                continue
            for block in eqn.blocks:
                live.update(r for r in block.results if isinstance(r, Var))
        elif eqn.op == "view" and eqn.args[0] in live:
            live.add(eqn.out)
        elif not needed(eqn, live):
            continue
        found = True
        args = eqn.args[1:] if eqn.op in _WRITES else eqn.args
        live.update(a for a in args if isinstance(a, Var))
    return found


def _kept(body: Iterable[Eqn], live: set[Var]) -> Iterable[Eqn]:
    for eqn in body:
        if eqn.blocks:
            eqn = in_blocks(eqn, lambda b: replace(b, body=tuple(_kept(b.body, live))))
            if eqn.op == "while" or any(b.body for b in eqn.blocks):
                yield eqn
        elif needed(eqn, live):
            yield eqn


def uses(body: Iterable[Eqn]) -> Counter[Var]:
    """How often each variable is read or written to."""
    counts: Counter[Var] = Counter()
    for eqn in walk(body):
        counts.update(eqn.uses())
        for block in eqn.blocks:
            counts.update(r for r in block.results if isinstance(r, Var))
    return counts
