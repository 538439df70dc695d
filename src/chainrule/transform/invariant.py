"""Loops carry only what their trips change.

    lr = opt.lr                              lr = opt.lr
    for t in range(n):  (lr carried)   ->    for t in range(n):
        w = w - lr * g                           w = w - lr * g

An object that a loop writes is carried as a whole; most of its attributes stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..ir.program import Atom, Block, Const, Eqn, Function, Var, in_blocks, renamed
from ..ir.types import Type, is_inexact


def without_invariants(function: Function) -> Function:
    """The function with what loops carry unchanged read from before them."""
    names: dict[Var, Atom] = {}
    body = _sequence(function.body, names)
    results = tuple(names.get(r, r) if isinstance(r, Var) else r for r in function.results)
    return function.with_body(body, results)


def _sequence(body: Iterable[Eqn], names: dict[Var, Atom]) -> tuple[Eqn, ...]:
    made: list[Eqn] = []
    for eqn in body:
        (eqn,) = renamed([eqn], names)
        if eqn.op in ("for", "while"):
            eqn = _loop(eqn, names)
        made.append(in_blocks(eqn, _block) if eqn.blocks else eqn)
    return tuple(made)


def _block(block: Block) -> Block:
    names: dict[Var, Atom] = {}
    body = _sequence(block.body, names)
    results = tuple(names.get(r, r) if isinstance(r, Var) else r for r in block.results)
    return Block(block.params, body, results)


def _loop(eqn: Eqn, names: dict[Var, Atom]) -> Eqn:
    """The loop without its invariant values; what they are is noted in `names`."""
    fixed = 3 if eqn.op == "for" else 0
    inits, results = eqn.args[fixed:], eqn.blocks[-1].results
    count = len(inits)
    params = [b.params[len(b.params) - count :] for b in eqn.blocks]
    marked = {eqn.static.get("until"), *eqn.static.get("once", ())}
    gone = [
        i for i, init in enumerate(inits)
        if results[i] is params[-1][i] and params[-1][i] not in marked and not _is_unset(init)
        and _alike(init.type, params[-1][i].type) and _alike(init.type, eqn.outs[i].type)
    ]  # fmt: skip
    if not gone:
        return eqn
    kept = [i for i in range(count) if i not in gone]
    inside: dict[Var, Atom] = {p[i]: inits[i] for p in params for i in gone}
    blocks = []
    for number, block in enumerate(eqn.blocks):
        last = number == len(eqn.blocks) - 1
        blocks.append(
            Block(
                (*block.params[: len(block.params) - count], *(params[number][i] for i in kept)),
                renamed(block.body, inside),
                tuple(
                    inside.get(r, r) if isinstance(r, Var) else r
                    for r in ((block.results[i] for i in kept) if last else block.results)
                ),
            )
        )
    names.update((eqn.outs[i], inits[i]) for i in gone)
    return replace(
        eqn,
        outs=tuple(eqn.outs[i] for i in kept),
        args=(*eqn.args[:fixed], *(inits[i] for i in kept)),
        blocks=tuple(blocks),
    )


def _is_unset(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.value is None


def _alike(a: Type, b: Type) -> bool:
    """Is it one type, of which no size is read from the value that goes?"""
    return is_inexact(a) and a == b
