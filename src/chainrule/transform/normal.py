"""What happens to a program, and to all that it calls, before it is differentiated."""

from __future__ import annotations

from collections.abc import Sequence

from ..frontend.unit import Unit
from ..ir.callees import Changed, with_callees
from ..ir.program import Eqn, Function
from ..simplify import without_dead_code
from .inner import inner_calls
from .invariant import without_invariants
from .normalize import normalize
from .powers import real_powers
from .roots import smooth_roots


def normalized(function: Function, unit: Unit) -> Function:
    """The passes before differentiation, for the function and everything that it calls."""

    def change(one: Function) -> Function:
        one = without_invariants(inner_calls(one, unit))
        return without_dead_code(real_powers(smooth_roots(normalize(one))))

    return change(with_callees(function, change, Changed()))


def normalized_part(eqns: Sequence[Eqn], unit: Unit) -> tuple[Eqn, ...]:
    """Equations of a rule that the user wrote, with derivatives inside as calls."""
    if not any("callee" in e.static for e in eqns):
        return tuple(eqns)

    def change(one: Function) -> Function:
        return normalized(one, unit)

    part = with_callees(Function("rule", (), tuple(eqns), ()), change, Changed())
    return inner_calls(part, unit).body
