"""Recursive functions backwards: their backward function calls itself.

What the backward function reads, the values that the inner calls saved among it, the forward function
returns as one tuple:

    value, saved = f_forward(x)            saved = (x, y, saved_of_the_inner_call)
    dx = f_backward(dvalue, saved)

So a call within the function can be written before it is known what is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from ..analysis.activity import varied
from ..ir.program import Eqn, Function, Knot, Var, called, walk
from ..ir.types import Scalar, is_inexact

SAVED: Final = "saved"
SAVED_TYPE: Final = Scalar("object", weak=True)  # that of a record is not weak


@final
@dataclass
class Opening:
    """The pair of a recursive function while it is being made; its knots stand for it."""

    forward: Knot
    backward: Knot


def packed(
    forward: Function, backward: Function, results: int, seeds: int, reads: Sequence[Var]
) -> tuple[Function, Function, Var]:
    """Both functions with all that the backward one reads in one tuple, and the tuple.

    `results` and `seeds` say how many results and gradients of results come first.
    """
    saved, taken = (Var(SAVED, SAVED_TYPE, user=True) for _ in range(2))
    saved.user = False
    pack = Eqn((saved,), "pack", tuple(reads))
    unpack = (Eqn(tuple(reads), "unpack", (taken,), backward=True),) if reads else ()
    forward = forward.with_body((*forward.body, pack), (*forward.results[:results], saved))
    backward = replace(
        backward,
        params=(*backward.params[:seeds], taken),
        body=(*unpack, *backward.body),
    )
    return forward, backward, saved


def all_active(function: Function, wanted: Sequence[int]) -> tuple[int, ...]:
    """The arguments that carry a gradient at some depth when the `wanted` ones do at the top."""
    found = set(wanted)
    while True:
        before = len(found)
        active = varied(function, [function.params[i] for i in found])
        for eqn in walk(function.body):
            if eqn.op == "call" and called(eqn) is function:
                found.update(
                    i for i, a in enumerate(eqn.args) if isinstance(a, Var) and a in active
                )
        if len(found) == before:
            return tuple(sorted(found))


def all_seeded(function: Function) -> tuple[int, ...]:
    """The results that can have a gradient."""
    return tuple(
        i for i, r in enumerate(function.results) if isinstance(r, Var) and is_inexact(r.type)
    )
