"""A selection among numbers computes only what it takes: Python floats raise where arrays warn.

    t1 = eq(y, 0)                              t1 = eq(y, 0)
    t2 = div(0.5, y)                      ->   t3 = if(t1) then: () -> inf
    t3 = where(t1, inf, t2)                              else: t2 = div(0.5, y) -> t2

Rules are written with `np.where`, whose operands come first. Where one of them may raise, what
only it needs moves into a branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..ir.program import Atom, Block, Eqn, Function, Var, free, in_blocks, use_counts
from ..ir.types import Scalar
from ..rules.registry import OPS

_RAISING = frozenset({"div", "pow", "mod", "floordiv"})


def lazy_selections(function: Function) -> Function:
    """The function with such selections of its backward pass as branches."""
    counts = use_counts(function)
    body = _sequence(function.body, counts)
    return function.with_body(tuple(body))


def _sequence(body: Sequence[Eqn], counts: dict[Var, int]) -> list[Eqn]:
    written: list[Eqn] = []
    for eqn in body:
        eqn = in_blocks(eqn, lambda b: replace(b, body=tuple(_sequence(b.body, counts))))
        if eqn.op == "where" and eqn.derived and isinstance(eqn.out.type, Scalar):
            eqn = _branches(eqn, written, counts)
        written.append(eqn)
    return written


def _branches(eqn: Eqn, written: list[Eqn], counts: dict[Var, int]) -> Eqn:
    """The selection as branches, their equations taken out of what is written; or as it is."""
    origin = {out: e for e in written for out in e.outs}
    sides = [_only_for(arg, origin, counts) for arg in eqn.args[1:]]
    if not any(_may_raise(e) for side in sides for e in side):
        return eqn
    blocks = []
    for arg, side in zip(eqn.args[1:], sides, strict=True):
        blocks.append(Block((), tuple(e for e in written if e in side), (arg,)))
    written[:] = [e for e in written if not any(e in side for side in sides)]
    return replace(
        eqn, op="if", args=eqn.args[:1], static={"expression": True}, via="", blocks=tuple(blocks)
    )


def _only_for(atom: Atom, origin: dict[Var, Eqn], counts: dict[Var, int]) -> set[Eqn]:
    """The equations of numbers that nothing but this operand needs."""
    found: set[Eqn] = set()
    todo = [atom]
    while todo:
        var = todo.pop()
        eqn = origin.get(var) if isinstance(var, Var) else None
        if eqn is None or len(eqn.outs) != 1 or eqn.effect or counts.get(eqn.out) != 1:
            continue
        if eqn.out.user or not isinstance(eqn.out.type, Scalar):
            continue
        if eqn.op != "if" and (eqn.op not in OPS or eqn.blocks):
            continue
        found.add(eqn)
        todo += [*eqn.uses(), *(v for block in eqn.blocks for v in free(block))]
    return found


def _may_raise(eqn: Eqn) -> bool:
    """Does Python raise for some numbers where NumPy warns?"""
    inner = any(_may_raise(e) for block in eqn.blocks for e in block.body)
    op = OPS.get(eqn.op)
    return inner or eqn.op in _RAISING or (op is not None and "math" in op.spellings)
