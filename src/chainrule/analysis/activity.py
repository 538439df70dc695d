"""Which values carry a gradient: they depend on an active input and a wanted result depends on them.

Safe way to err: calling a value active that is not costs time and never a wrong number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ..ir.program import Atom, Eqn, Function, Var
from ..ir.types import is_inexact
from ..rules.registry import OPS, NoDerivative


def varied(function: Function, wrt: Collection[Var]) -> set[Var]:
    """The values that change, to first order, when `wrt` change."""
    active = set(wrt)
    _forward(function.body, active)
    return active


def _forward(body: Iterable[Eqn], active: set[Var]) -> None:
    """Add what the equations make of active values."""
    for eqn in body:
        if eqn.blocks:
            _forward_control(eqn, active)
        elif eqn.op == "push":
            if eqn.args[1] in active:  # what is recorded here is read by `pop`
                active.update(eqn.uses())
        elif eqn.op == "pop" or (eqn.op == "own" and eqn.out.type.dtype == "object"):
            if eqn.args[0] in active:
                active.update(eqn.outs)
        elif eqn.op == "call" and "custom" not in eqn.static:
            active.update(_called(eqn, active))
        elif any(
            passes(eqn, i) and a in active for i, a in enumerate(eqn.args) if isinstance(a, Var)
        ):
            active.update(out for out in eqn.outs if is_inexact(out.type))


def _called(eqn: Eqn, active: set[Var]) -> Iterable[Var]:
    """The results of a call that change with its active arguments."""
    callee: Function = eqn.static["callee"]
    given = {p for p, a in zip(callee.params, eqn.args, strict=True) if a in active}
    inside = varied(callee, given) if given else set()
    pairs = zip(eqn.outs, callee.results, strict=True)
    return [out for out, result in pairs if result in inside]


def _forward_control(eqn: Eqn, active: set[Var]) -> None:
    carried = _carried(eqn)
    for init, params, _ in carried:
        if init in active:
            active.update(params)
    while True:
        before = len(active)
        for block in eqn.blocks:
            _forward(block.body, active)
        for _, params, result in carried:
            if result in active:
                active.update(params)
        if len(active) == before:
            break
    for position, out in enumerate(eqn.outs):
        inner = {b.results[position] for b in eqn.blocks if len(b.results) == len(eqn.outs)}
        start = carried[position][0] if carried else None
        if is_inexact(out.type) and (start in active or inner & active):
            active.add(out)


def _carried(eqn: Eqn) -> list[tuple[Atom, list[Var], Atom]]:
    """For each carried value of a loop: its start, its parameters in the blocks, its next value."""
    if eqn.op == "if":
        return []
    fixed = 3 if eqn.op == "for" else 0
    body = eqn.blocks[-1]
    skipped = 1 if fixed else 0
    return [
        (init, [b.params[i + (skipped if b is body else 0)] for b in eqn.blocks], body.results[i])
        for i, init in enumerate(eqn.args[fixed:])
    ]


def useful(function: Function, results: Collection[Var]) -> set[Var]:
    """The values on which `results` depend to first order."""
    needed = set(results)
    _backward(function.body, needed)
    return needed


def _backward(body: Sequence[Eqn], needed: set[Var]) -> None:
    """Add what needed values are made of."""
    for eqn in reversed(body):
        if eqn.blocks:
            _backward_control(eqn, needed)
        elif any(out in needed for out in eqn.outs):
            needed.update(
                a for i, a in enumerate(eqn.args) if isinstance(a, Var) and passes(eqn, i)
            )


def _backward_control(eqn: Eqn, needed: set[Var]) -> None:
    results = [b for b in eqn.blocks if len(b.results) == len(eqn.outs)]
    carried = _carried(eqn)
    while True:
        before = len(needed)
        for position, out in enumerate(eqn.outs):
            params = carried[position][1] if carried else []
            if out in needed or any(p in needed for p in params):
                found = (b.results[position] for b in results)
                needed.update(r for r in found if isinstance(r, Var))
        for block in eqn.blocks:
            _backward(block.body, needed)
        if len(needed) == before:
            break
    for position, (init, params, _) in enumerate(carried):
        wanted = eqn.outs[position] in needed or any(p in needed for p in params)
        if wanted and isinstance(init, Var):
            needed.add(init)


def passes(eqn: Eqn, position: int) -> bool:
    """Can a gradient flow through argument number `position`?"""
    arg = eqn.args[position]
    if not is_inexact(arg.type) or not any(is_inexact(out.type) for out in eqn.outs):
        return False
    op = OPS.get(eqn.op)
    if op is None or not op.operands or eqn.op in ("set_at", "add_at"):
        return True
    return not isinstance(op.rules.get(operand_name(eqn, position)), NoDerivative)


def operand_name(eqn: Eqn, position: int) -> str:
    """The name of the operand that argument number `position` belongs to.

    A variadic operand stands for all arguments that the others leave over.
    """
    op = OPS[eqn.op]
    if op.variadic is None:
        return op.operands[min(position, len(op.operands) - 1)]
    place = op.operands.index(op.variadic)
    count = len(eqn.args) - (len(op.operands) - 1)
    if position < place:
        return op.operands[position]
    if position < place + count:
        return op.variadic
    return op.operands[position - count + 1]
