"""The backward pass of a call of a function with a rule of the user's: his pullback is inlined.

y = g(x, n)        ->    dx, _ = g_pullback(dy, x, n)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UnsupportedError
from ..frontend.describing import describe
from ..frontend.values import Static, Struct, Value, leaves
from ..ir.program import Const, Eqn, Var
from ..ir.types import is_inexact
from .accumulate import Adjoints
from .rules_inline import in_place, inline_custom, place_of

if TYPE_CHECKING:
    from .reverse import Backward, Reverse


def backward_custom(
    reverse: Reverse, backward: Backward, adjoints: Adjoints, eqn: Eqn, active: set[Var]
) -> None:
    """Add what the pullback returns to the gradients of the arguments."""
    from .reverse import _cotangent

    rule = eqn.static["custom"]
    require_written(eqn, rule.pullback)
    builder = adjoints.builder
    cotangents: list[Value] = [
        _cotangent(builder, adjoints, out) if is_inexact(out.type) else Static(None)
        for out in eqn.outs
    ]
    cotangent = in_place(eqn.static["result"], cotangents)
    returned = inline_custom(builder, reverse.unit, backward.captures, eqn, rule, cotangent)
    for place, part in gradients_of(eqn, returned).items():
        arg = eqn.args[place]
        if isinstance(arg, Var) and arg in active and is_inexact(arg.type):
            adjoints.add(arg, gradient_for(eqn, arg, part), masked=False)


def require_written(eqn: Eqn, rule: object) -> None:
    """Refuse a derivative that has no rule."""
    if rule is None:
        name = eqn.static["custom"].name
        raise UnsupportedError("CR024", f"the derivative of {name} is not written", eqn.span)


def gradients_of(eqn: Eqn, returned: Value) -> dict[int, Value]:
    """What a pullback returned for each number and array that the function was given.

    None, for an argument or for a part of one, is left out.
    """
    rule, given = eqn.static["custom"], eqn.static["given"]
    several = isinstance(returned, Struct) and (len(given) != 1 or returned.cls is tuple)
    parts = returned.items if several and isinstance(returned, Struct) else (returned,)
    if len(parts) != len(given):
        raise UnsupportedError(
            "CR041",
            f"the rule of {rule.name} returns {len(parts)} "
            f"{'gradient' if len(parts) == 1 else 'gradients'}, and it has {len(given)} "
            f"{'argument' if len(given) == 1 else 'arguments'}",
            eqn.span,
            "return one per argument, None where there is no derivative",
        )
    found: dict[int, Value] = {}
    for (_, template), part in zip(given, parts, strict=True):
        if isinstance(part, Static) and part.obj is None:
            continue
        inside = list(leaves(part))
        places = [place_of(leaf) for leaf in leaves(template)]
        if len(inside) != len(places):
            raise _not_a_gradient(eqn, part)
        for place, leaf in zip(places, inside, strict=True):
            if place is not None and not (isinstance(leaf, Static) and leaf.obj is None):
                found[place] = leaf
    return found


def gradient_for(eqn: Eqn, arg: Var, part: Value) -> Var | Const:
    """A gradient that a pullback returned for an argument, checked."""
    if not isinstance(part, Var | Const):
        raise _not_a_gradient(eqn, part)
    if len(part.type.dims) != len(arg.type.dims):
        raise UnsupportedError(
            "CR041",
            f"the rule of {eqn.static['custom'].name} returns a gradient of rank "
            f"{len(part.type.dims)} for an argument of rank {len(arg.type.dims)}",
            eqn.span,
            "return gradients in the shapes of the arguments",
        )
    return part


def _not_a_gradient(eqn: Eqn, part: Value) -> UnsupportedError:
    return UnsupportedError(
        "CR041",
        f"the rule of {eqn.static['custom'].name} returns {describe(part)} "
        "where a gradient is expected",
        eqn.span,
        "return numbers and arrays, None where there is no derivative",
    )
