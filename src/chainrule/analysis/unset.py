"""Which variables may be seen to have no value: what `x is None` tests, and what ends up in it.

Safe way to err: a variable too many is set to None though nobody looks at it.
"""

from __future__ import annotations

from ..ir.callees import callees, is_tied
from ..ir.program import Atom, Const, Eqn, Function, Var, called, walk


def observed(function: Function, also: tuple[str, ...] = ()) -> set[Var]:
    """The variables of which it is tested whether they are None, and those that they are made of.

    `also` are other operations that have to find a value, be it None.
    """
    looks = ("is_none", "is_set", *also)
    found = {v for e in walk(function.body) if e.op in looks for v in e.uses()}
    while found:
        before = len(found)
        for eqn in walk(function.body):
            found.update(o for o in _variables(eqn) if o.tangent and o.adjoint_of in found)
            for places in _one_variable(eqn):
                if any(p in found for p in places[1:]):
                    found.update(a for a in places if isinstance(a, Var))
        if len(found) == before:
            break
    return found


def _variables(eqn: Eqn) -> list[Var]:
    """The variables that an equation makes; a tangent is unset where its value is."""
    return [*eqn.outs, *(p for block in eqn.blocks for p in block.params)]


def _one_variable(eqn: Eqn) -> list[list[Atom]]:
    """For each value that goes through blocks, or is renamed: where it comes from, and what it is."""
    if eqn.op == "alias":
        return [[*eqn.args, *eqn.outs]]
    if not eqn.blocks:
        return []
    if eqn.op == "if":
        return [[*(b.results[i] for b in eqn.blocks), out] for i, out in enumerate(eqn.outs)]
    fixed = 3 if eqn.op == "for" else 0
    slots: list[list[Atom]] = []
    for i, (out, start) in enumerate(zip(eqn.outs, eqn.args[fixed:], strict=True)):
        params = [b.params[len(b.params) - len(eqn.outs) + i] for b in eqn.blocks]
        slots.append([start, eqn.blocks[-1].results[i], *params, out])
    return slots


def may_be_none(function: Function) -> frozenset[Var]:
    """The variables of a function that have no value on some way to them."""
    return none_in(function)[function.name]


def none_in(function: Function) -> dict[str, frozenset[Var]]:
    """For the function, and each that it calls, by name: variables that may have no value.

    A forward and a backward function share variables, which may be None in one of them only.
    """
    functions = [*callees(function, tied=True), function]
    found = {f.name: {v for e in walk(f.body) for v in _set_in_part(e)} for f in functions}
    while True:
        before = sum(map(len, found.values()))
        for caller in functions:
            here = found[caller.name] = _spread(caller, found[caller.name])
            for eqn in walk(caller.body):
                if eqn.op == "call" and is_tied(eqn):
                    target = called(eqn)
                    there = found[target.name]
                    handed = zip(target.params, eqn.args, strict=False)
                    there.update(p for p, a in handed if a in here or _is_none(a))
                    back = zip(eqn.outs, target.results, strict=False)
                    here.update(o for o, r in back if r in there or _is_none(r))
        if sum(map(len, found.values())) == before:
            return {name: frozenset(variables) for name, variables in found.items()}


def _is_none(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.value is None


def _set_in_part(eqn: Eqn) -> list[Var]:
    """The outputs of a branch or loop that have no value on one of the ways through it."""
    if not eqn.blocks:
        return []
    slots = _one_variable(eqn)
    found = [eqn.outs[i] for i, atoms in enumerate(slots) if any(map(_is_none, atoms))]
    if eqn.op != "if":
        found += [a for atoms in slots if _is_none(atoms[0]) for a in atoms[2:-1]]  # type: ignore[misc]
    return found


def _spread(function: Function, found: set[Var]) -> set[Var]:
    """With what is made of these by renaming, in branches, in loops and by way of records."""
    while True:
        before = len(found)
        for eqn in walk(function.body):
            if eqn.op == "push" and any(a in found for a in eqn.args[1:]):
                found.update(a for a in eqn.args[:1] if isinstance(a, Var))
            elif eqn.op in ("pop", "peek", "own") and eqn.args[0] in found:
                found.update(eqn.outs)
            for places in _one_variable(eqn):
                if any(p in found for p in places[:-1]):
                    found.update(a for a in places[-1:] if isinstance(a, Var))
                    if eqn.blocks and eqn.op != "if":
                        found.update(a for a in places[2:] if isinstance(a, Var))
        if len(found) == before:
            return found
