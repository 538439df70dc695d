"""Sums of the backward pass that are summed in any order: then they need not wait for each other.

    for i in range(n):                         for i in range(n):
        dk = dk + u[i] * dv[i]        ->           dk = plus(dk, u[i] * dv[i])

A processor adds in four cycles, so a sum that goes from one trip to the next takes that long for each,
and no loop with one in it can work on several elements at once. `plus` is an addition that a compiler
may move among others of its kind, and nothing else (not LLVM's fast mathematics as a whole: the terms
are computed as they stand). A gradient is a sum over whatever reads a value, in no order that the user
wrote; sums that the user wrote as loops keep their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..ir.program import Eqn, Function, Var, in_blocks, walk
from .clean import uses

_SUM = ("_0 + _1", "plus(_0, _1)")


def in_any_order(function: Function) -> Function:
    """The function with such sums marked."""
    return function.with_body(tuple(_sequence(function.body, inside=False)))


def _sequence(body: Sequence[Eqn], *, inside: bool) -> list[Eqn]:
    marked = _sums(body) if inside else set()
    result: list[Eqn] = []
    for eqn in body:
        if eqn in marked:
            result.append(replace(eqn, static={**eqn.static, "text": "plus(_0, _1)"}))
            continue
        loop = eqn.op == "for"
        result.append(
            in_blocks(eqn, lambda b: replace(b, body=tuple(_sequence(b.body, inside=loop))))  # noqa: B023
        )
    return result


def _sums(body: Sequence[Eqn]) -> set[Eqn]:
    """The additions of a loop's body that only add to what the trip before left."""
    origin = {out: eqn for eqn in body for out in eqn.outs}
    counts: Counter[Var] = uses(body)
    targets = Counter(e.args[0] for e in walk(body) if e.op == "set")
    found: set[Eqn] = set()
    for eqn in body:
        if eqn.op != "set":
            continue
        cell, value = eqn.args
        if not isinstance(cell, Var) or targets[cell] != 1 or np.dtype(cell.type.dtype).kind != "f":
            continue
        chain: list[Eqn] = []
        while isinstance(value, Var) and value is not cell and counts[value] == 1:
            made = origin.get(value)
            if made is None or made.op != "py" or made.static["text"] not in _SUM:
                break
            if not made.backward or any(a.type.dtype != cell.type.dtype for a in made.args):
                break
            chain.append(made)
            value = cell if cell in made.args else made.args[0]
        if value is cell and counts[cell] == 2:  # in its own sum, and as what is set
            found.update(chain)
    return found
