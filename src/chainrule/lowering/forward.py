"""An element that was just written is not read again: the number is at hand.

    a[i] = t                    a[i] = t
    b[i] = a[i] * 2.0    ->     b[i] = t * 2.0

What is not read any more is then dropped, and with it the memory of values between two stages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..ir.program import Atom, Const, Eqn, Function, Var, walk
from .fuse import memory_names

Key = tuple[Any, ...]
Names = Mapping[Atom, Atom]


def forwarded(function: Function) -> Function:
    """The function with such reads replaced."""
    names: Names = dict(memory_names(function.body).items())
    cells = {e.args[0] for e in walk(function.body) if e.op in ("set", "room")}
    became: dict[Var, Atom] = {}
    body = tuple(_sequence(function.body, {}, names, cells, became))
    results = tuple(became.get(r, r) if isinstance(r, Var) else r for r in function.results)
    return function.with_body(body, results)


def _key(array: Atom, index: Sequence[Atom]) -> Key:
    parts = tuple(i.value if isinstance(i, Const) else i for i in index)
    return (array, *parts)


def _sequence(
    body: Sequence[Eqn],
    at_hand: dict[Key, Atom],
    names: Names,
    cells: set[Atom],
    became: dict[Var, Atom],
) -> list[Eqn]:
    """Equations in a row; `at_hand` are elements whose number is known."""
    result: list[Eqn] = []
    for eqn in body:
        eqn = eqn.with_args(tuple(became.get(a, a) if isinstance(a, Var) else a for a in eqn.args))
        if eqn.op == "load":
            value = at_hand.get(_key(eqn.args[0], eqn.args[1:]))
            if value is not None:
                became[eqn.out] = value
                continue
        elif eqn.op == "store":
            _forget(at_hand, {names.get(eqn.args[0], eqn.args[0])}, names)
            index = eqn.args[2:]
            known = eqn.args[1] not in cells and not any(i in cells for i in index)
            same = eqn.args[1].type.dtype == eqn.args[0].type.dtype
            if not eqn.static["add"] and known and same:
                at_hand[_key(eqn.args[0], index)] = eqn.args[1]
        elif eqn.blocks:
            # What is known before a loop holds in it only if the loop does not write there.
            _forget(at_hand, _written(eqn, names), names)
            blocks = tuple(
                replace(
                    b,
                    body=tuple(_sequence(b.body, dict(at_hand), names, cells, became)),
                    results=tuple(became.get(r, r) if isinstance(r, Var) else r for r in b.results),
                )
                for b in eqn.blocks
            )
            eqn = replace(eqn, blocks=blocks)
        elif eqn.op in ("run", "call", "room", "set"):
            touched = {names.get(a, a) for a in eqn.uses()}
            _forget(at_hand, touched, names)
        result.append(eqn)
    return result


def _written(eqn: Eqn, names: Names) -> set[Atom]:
    found: set[Atom] = set()
    for inner in walk([eqn]):
        if inner.op == "store":
            found.add(names.get(inner.args[0], inner.args[0]))
        elif inner.op in ("run", "call", "room", "set"):
            found.update(names.get(a, a) for a in inner.uses())
    return found


def _forget(at_hand: dict[Key, Atom], memory: set[Atom], names: Names) -> None:
    for key in list(at_hand):
        if names.get(key[0], key[0]) in memory:
            del at_hand[key]
