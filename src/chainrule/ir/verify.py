"""Well-formed programs: checked after every pass in tests; problems come back as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .program import Atom, Eqn, Function, Ref, Var


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
    problems += _sequence(function.body, function.results, defined, function.name)
    backward = False
    for eqn in function.body:
        if backward and not eqn.backward:
            problems.append(f"{function.name}: {eqn.op} comes after the backward pass began")
        backward = backward or eqn.backward
    return problems


def _sequence(
    body: tuple[Eqn, ...], results: tuple[Atom, ...], defined: set[Var], name: str
) -> list[str]:
    """The problems of equations in a row; what they define is added to `defined`."""
    problems: list[str] = []
    for position, eqn in enumerate(body):
        where = f"{name}[{position}] {eqn.op}"
        problems += _arguments(eqn, defined, where)
        for block in eqn.blocks:
            problems += _sequence(block.body, block.results, defined | set(block.params), where)
        problems += _shape(eqn, where)
        for out in eqn.outs:
            if out in defined:
                problems.append(f"{where}: {out} is defined twice")
            defined.add(out)
    for result in results:
        if isinstance(result, Var) and result not in defined:
            problems.append(f"{name}: result {result} is not defined")
    return problems


def _shape(eqn: Eqn, where: str) -> list[str]:
    """Do the blocks of a control equation fit it?"""
    if eqn.op == "if":
        wrong = any(b.params or len(b.results) != len(eqn.outs) for b in eqn.blocks)
    elif eqn.op == "for":
        (body,) = eqn.blocks
        carried = len(eqn.args) - 3
        wrong = not len(body.params) - 1 == len(body.results) == len(eqn.outs) == carried
    elif eqn.op == "while":
        test, body = eqn.blocks
        carried = len(eqn.args)
        wrong = not len(body.params) == len(body.results) == len(eqn.outs) == carried
        wrong = wrong or len(test.params) != carried or len(test.results) != 1
    else:
        wrong = bool(eqn.blocks)
    return [f"{where}: its blocks do not fit"] if wrong else []


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
    if isinstance(value, Mapping):
        return [r for v in value.values() for r in _references(v)]
    return []
