"""Writes into an array or view that a branch chose.

    row = A[0] if x > 0 else A[1]        row = A[0] if x > 0 else A[1]
    row *= 2                       ->    row = row * 2
                                         if x > 0: A[0] = row
                                         else: A[1] = row

On a side where the array is one of its own there is nothing to write back.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..ir.program import Atom, Block, Eqn, Var
from ..rules.chosen import can_replay, is_choice, is_fresh, replayed
from ..rules.memory import returns
from . import branches

if TYPE_CHECKING:
    from .lower import Lowerer

Pattern = tuple[Any, ...]
Write = Callable[["Lowerer", Var, Atom, ast.AST], None]


def choice_of(lo: Lowerer, array: Var) -> Eqn | None:
    """The branch that chose an array, if one did and any side of it is an array from outside."""
    eqn = lo.builder.origin.get(array)
    if eqn is None or not is_choice(eqn):
        return None
    place = eqn.outs.index(array)
    return None if all(is_fresh(b, b.results[place]) for b in eqn.blocks) else eqn


def write_chosen(
    lo: Lowerer,
    now: Var,
    choice: Eqn,
    changed: tuple[str, Pattern, Atom, Sequence[Atom]],
    node: ast.AST,
    write_whole: Write,
) -> None:
    """Write into a chosen array, and write what it is then into the arrays it may be."""
    builder, sharing = lo.builder, lo.builder.sharing
    assert sharing is not None
    op, pattern, part, index = changed
    array = sharing.array(now)
    assert array is not None
    new: Var
    eqn = builder.origin.get(part) if isinstance(part, Var) else None
    whole = op == "set_at" and pattern == (("all",),) and part.type == now.type
    if whole and isinstance(part, Var) and eqn is not None and returns(eqn) == "fresh":
        new = part
    else:
        copy = builder.one("copy", [now], {"order": "K", "subok": False}, "method")
        new = builder.one(op, [copy, part, *index], {"pattern": pattern})
    new.hint, new.user = now.hint, now.user
    place, test = choice.outs.index(array), choice.args[0]
    _write_back(lo, choice, place, test, new, node, write_whole)
    sharing.join(array, new)
    sharing.become(new, array, changed=True)


def _write_back(
    lo: Lowerer,
    choice: Eqn,
    place: int,
    test: Atom,
    new: Var,
    node: ast.AST,
    write_whole: Write,
) -> None:
    if not all(is_fresh(b, b.results[place]) or can_replay(b, place) for b in choice.blocks):
        lo.refuse(
            "CR058",
            f"{new.hint or 'this'} may be one of several arrays or views: "
            "writing into it is not supported",
            node,
            "write into the array itself, in each branch",
        )

    def side(number: int) -> Callable[[], None]:
        def run() -> None:
            sharing = lo.builder.sharing
            assert sharing is not None
            others = sharing.others(choice.outs[place], number)
            write_there(choice.blocks[number])
            sharing.keep(others)

        return run

    def write_there(block: Block) -> None:
        result = block.results[place]
        if is_fresh(block, result):
            return
        made = {out: eqn for eqn in block.body for out in eqn.outs}
        inner = made.get(result) if isinstance(result, Var) else None
        if inner is not None and is_choice(inner) and isinstance(result, Var):
            test = replayed(lo.builder, block, inner.args[0])
            place_there = inner.outs.index(result)
            _write_back(lo, inner, place_there, test, new, node, write_whole)
            return
        target = replayed(lo.builder, block, result)
        assert isinstance(target, Var)
        write_whole(lo, target, new, node)

    branches.in_both(lo, test, [side(i) for i in range(2)], node)
