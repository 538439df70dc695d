"""Arrays and views that a branch chose: `row = A[0] if x > 0 else A[1]`.

Such a value is taken again where its array was written since, by a branch on the same test.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..ir.dims import Dim
from ..ir.program import Atom, Block, Eqn, Var
from ..ir.types import Array, Scalar
from .memory import is_surely_view

if TYPE_CHECKING:
    from .builder import Builder


def is_choice(eqn: Eqn | None) -> bool:
    """Does a branch choose the result of this equation?"""
    return eqn is not None and eqn.op == "if"


def is_fresh(block: Block, result: Atom) -> bool:
    """Does a side of a branch give an array that it made?"""
    made = {out: eqn for eqn in block.body for out in eqn.outs}
    while isinstance(result, Var) and result in made:
        eqn = made[result]
        if is_choice(eqn) or not eqn.args or not is_surely_view(eqn):
            return not is_choice(eqn)
        result = eqn.args[0]
    return not isinstance(result, Var)


def can_retake(eqn: Eqn, place: int) -> bool:
    """Is each side a view or an array from outside, that may be taken again?"""
    return all(can_replay(b, place) for b in eqn.blocks)


def can_replay(block: Block, place: int) -> bool:
    """Is what one side gives a view or an array from outside?

    A choice within it may have fresh arrays, which are not written back.
    """
    result = block.results[place]
    made = {out: eqn for eqn in block.body for out in eqn.outs}
    inside = set(made)
    todo: list[Atom] = [result]
    while todo:
        atom = todo.pop()
        if not isinstance(atom, Var):
            if atom is result:
                return False
            continue
        eqn = made.get(atom)
        if eqn is None:
            continue
        if any(not _visible(dim, inside) for dim in _dims(eqn.static)):
            return False
        if is_choice(eqn):
            if not can_retake(eqn, eqn.outs.index(atom)):
                return False
        elif isinstance(atom.type, Array):
            if not is_surely_view(eqn):
                return False
        elif any(not isinstance(a.type, Scalar) for a in eqn.args):
            return False
        todo += eqn.args
    return True


def _dims(value: Any) -> list[Dim]:
    """The sizes in the options of an equation."""
    if isinstance(value, Dim):
        return [value]
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return [dim for part in value for dim in _dims(part)]
    return []


def _visible(dim: Dim, inside: set[Var]) -> bool:
    roots = [s.root[0] for s in dim.terms if s.root is not None]
    factors = [f for s in dim.terms for f in s.factors]
    return not inside.intersection(roots) and all(_visible(f, inside) for f in factors)


def replayed(builder: Builder, block: Block, result: Atom) -> Atom:
    """What a side of a branch gives, taken again of the arrays as they are now."""
    made = {out: eqn for eqn in block.body for out in eqn.outs}
    known: dict[Var, Atom] = {}

    def again(atom: Atom) -> Atom:
        if not isinstance(atom, Var) or atom not in made:
            return builder.up_to_date(atom)
        if atom not in known:
            eqn = made[atom]
            if is_choice(eqn):
                place, test = eqn.outs.index(atom), again(eqn.args[0])
                known[atom] = retaken(builder, eqn, place, test)
            elif eqn.op == "size":
                known[atom] = builder.size(eqn.static["dim"])
            else:
                known[atom] = builder.one(eqn.op, list(map(again, eqn.args)), eqn.static, eqn.via)
        return known[atom]

    return again(result)


def retaken(builder: Builder, eqn: Eqn, place: int, test: Atom | None = None) -> Var:
    """The value that a branch chose, as it is now; `test` is that of the branch, taken again."""
    sharing = builder.sharing
    assert sharing is not None
    old = eqn.outs[place]
    before = sharing.snapshot()
    blocks = []
    for block in eqn.blocks:
        inner = type(builder)(
            stage=builder.stage,
            span=builder.span,
            known=ChainMap({}, builder.known),  # type: ignore[arg-type]
            origin=ChainMap({}, builder.origin),  # type: ignore[arg-type]
            sharing=sharing,
            python=builder.python,
        )
        value = replayed(inner, block, block.results[place])
        blocks.append(Block((), tuple(inner.eqns), (value,)))
        sharing.restore(before)
    out = Var(old.hint, old.type)
    static = {"expression": True}
    args = eqn.args if test is None else (test,)
    builder.append(Eqn((out,), "if", args, static, eqn.via, blocks=tuple(blocks)))
    sharing.join(old, out)
    sharing.become(out, old, changed=False)
    return out
