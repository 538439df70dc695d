"""Random numbers: each is drawn once, in the forward pass, and is data from then on.

The numbers of a generator depend on how often it was asked, so no draw is left out, moved or made
again. `loc + scale * z` is what a normal number is made of, and carries its derivatives; the call is
written that way where its parameters may be differentiated (`frontend.random_numbers`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from ..ir.program import Eqn, Function, Var, walk
from ..ir.types import Scalar, Type
from .registry import NotSupported, OpCall, internal, not_written


def draws(body: Iterable[Eqn]) -> Iterator[Eqn]:
    """The equations that draw random numbers, in blocks and called functions too."""
    for eqn in walk(body):
        if eqn.op == "draw":
            yield eqn
        elif isinstance(eqn.static.get("callee"), Function):
            yield from draws(eqn.static["callee"].body)


def differing(body: Iterable[Eqn]) -> Iterator[Eqn]:
    """The draws that give other numbers in another run: not of generators made here with a seed."""
    seeded_here = False  # the global one
    for eqn in draws(body):
        (call,) = eqn.static["shown"]
        makes = bool(eqn.outs) and eqn.out.type == GENERATOR
        seeded = bool(call.args or call.keywords)
        first = eqn.args[0] if eqn.args else None
        mine = isinstance(first, Var) and first.type == GENERATOR
        if not eqn.outs:
            seeded_here = seeded_here or seeded
        elif not (seeded if makes else mine or (seeded_here and _is_global(call))):
            yield eqn


def _is_global(call: ast.Call) -> bool:
    """Is it a function of `np.random`?"""
    return ast.unparse(call.func).startswith("np.random.")


GENERATOR: Final = Scalar("object", weak=True)  # the type of a generator


def _untyped(call: OpCall) -> Type:
    raise NotSupported("random numbers are typed where they are drawn")


# The text of the call is the option `shown`, with a placeholder for each part.
_draw = internal("draw", "parameters", _untyped, static=("shown",))
_draw.variadic, _draw.varargs = "parameters", True
not_written(_draw, because="write it with standard random numbers, such as loc + scale * z")
