"""Well-formed programs: checked after every pass in tests; problems come back as text."""

from __future__ import annotations

from typing import Any

from .program import Eqn, Function, Ref, Var


def verify(function: Function) -> list[str]:
    """What is wrong with a program; an empty list when it is well formed.

    Every variable is defined once and before it is used; references in options name arguments;
    equations of the forward pass precede those of the backward pass.
    """
    problems: list[str] = []
    defined: set[Var] = set()
    for var in (*function.params, *function.captures):
        if var in defined:
            problems.append(f"{function.name}: parameter {var} appears twice")
        defined.add(var)
    backward = False
    for position, eqn in enumerate(function.body):
        where = f"{function.name}[{position}] {eqn.op}"
        problems += _arguments(eqn, defined, where)
        for out in eqn.outs:
            if out in defined:
                problems.append(f"{where}: {out} is defined twice")
            defined.add(out)
        if backward and not eqn.backward:
            problems.append(f"{where}: a forward equation after the backward pass began")
        backward = backward or eqn.backward
    for result in function.results:
        if isinstance(result, Var) and result not in defined:
            problems.append(f"{function.name}: result {result} is not defined")
    return problems


def _arguments(eqn: Eqn, defined: set[Var], where: str) -> list[str]:
    problems = [
        f"{where}: {v} is used before it is defined" for v in eqn.uses() if v not in defined
    ]
    for ref in _references(eqn.static):
        if not 0 <= ref.arg < len(eqn.args):
            problems.append(f"{where}: no argument number {ref.arg}")
    return problems


def _references(value: Any) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, tuple):
        return [r for v in value for r in _references(v)]
    if hasattr(value, "values"):
        return [r for v in value.values() for r in _references(v)]
    return []
