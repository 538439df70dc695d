"""The functions that a program calls, some of which may call themselves.

A recursive function is reached again from its own body by a `Knot`. A pass that changes a program with
everything that it calls goes through `with_callees`, which ties the knots anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import final

from .program import Eqn, Function, Knot, called, in_blocks, walk


@final
@dataclass
class Changed:
    """Functions that were changed so far, and knots for those that are being changed."""

    done: dict[Function, Function] = field(default_factory=dict)
    knots: dict[Function, Knot] = field(default_factory=dict)


def with_callees(
    function: Function, change: Callable[[Function], Function], changed: Changed
) -> Function:
    """The function with all that it calls, directly or not, changed; it itself is not."""

    def body(eqns: tuple[Eqn, ...]) -> tuple[Eqn, ...]:
        inside = (in_blocks(e, lambda b: replace(b, body=body(b.body))) for e in eqns)
        return tuple(
            replace(e, static={**e.static, "callee": callee(called(e))})
            if "callee" in e.static
            else e
            for e in inside
        )

    def callee(old: Function) -> Function | Knot:
        if old in changed.done:
            return changed.done[old]
        if old in changed.knots:
            return changed.knots[old]
        knot = changed.knots[old] = Knot(old.name)
        new = changed.done[old] = change(with_callees(old, change, changed))
        knot.name, knot.function = new.name, new
        return new

    return function.with_body(body(function.body))


def callees(function: Function, *, tied: bool = False) -> Iterator[Function]:
    """The functions that a function calls, callees first, each once; itself if it is recursive.

    With `tied` those are left out that are still being made.
    """
    seen: set[Function] = set()

    def visit(caller: Function) -> Iterator[Function]:
        for eqn in walk(caller.body):
            if "callee" not in eqn.static or (tied and not is_tied(eqn)):
                continue
            if (target := called(eqn)) not in seen:
                seen.add(target)
                yield from visit(target)
                yield target

    return visit(function)


def is_tied(eqn: Eqn) -> bool:
    """Is the function that a `call` calls there, or still being made?"""
    callee = eqn.static["callee"]
    return isinstance(callee, Function) or callee.function is not None


def is_recursive(function: Function) -> bool:
    """Does the function call itself, directly or by way of others?"""
    return any(f is function for f in callees(function))
