"""Dropping what nobody reads from lowered programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ..ir.program import Eqn, Function, Var, in_blocks, walk

_PURE = frozenset({"py", "load", "dim", "view", "copy", "alloc", "made"})


def cleaned(function: Function) -> Function:
    """The program without numbers and memory that nobody reads, and without empty blocks."""
    while True:
        counts = uses(function.body)
        counts.update(r for r in function.results if isinstance(r, Var))
        body = tuple(_kept(function.body, counts))
        if sum(1 for _ in walk(body)) == sum(1 for _ in walk(function.body)):
            return function
        function = function.with_body(body)


def uses(body: Iterable[Eqn]) -> Counter[Var]:
    """How often each variable is read."""
    counts: Counter[Var] = Counter()
    for eqn in walk(body):
        counts.update(eqn.uses())
        if eqn.op == "store":  # writing into memory reads nothing of it
            counts[eqn.args[0]] -= 1  # type: ignore[index]
        for block in eqn.blocks:
            counts.update(r for r in block.results if isinstance(r, Var))
    return counts


def _kept(body: Iterable[Eqn], counts: Counter[Var]) -> Iterable[Eqn]:
    for eqn in body:
        if eqn.op in _PURE and not any(counts[out] > 0 for out in eqn.outs):
            continue
        if eqn.op == "cell" and counts[eqn.out] <= 0:
            continue
        if eqn.op == "set" and counts[eqn.args[0]] <= 1 and _only_set(eqn, counts):  # type: ignore[index]
            continue
        if eqn.op == "store" and counts[eqn.args[0]] <= 0 and not eqn.static.get("seen"):  # type: ignore[index]
            continue
        if eqn.blocks:
            eqn = in_blocks(eqn, lambda b: replace(b, body=tuple(_kept(b.body, counts))))
            if eqn.op in ("if", "for") and not any(b.body for b in eqn.blocks):
                continue
        yield eqn


def _only_set(eqn: Eqn, counts: Counter[Var]) -> bool:
    return False
