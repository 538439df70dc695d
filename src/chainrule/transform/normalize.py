"""Normal forms: expressions whose derivative has a better form than that of their parts.

    t1 = neg(z); t2 = exp(t1); t3 = add(1, t2); s = div(1.0, t3)   ->   s = sigmoid(z)

The forward text stays what the user wrote; the pullback becomes `(1 - s) * s * ds`, which reads only
the result and does not overflow where `s` is 0.
"""

from __future__ import annotations

from dataclasses import replace

from ..ir.program import Atom, Const, Eqn, Function, Var, definitions, in_blocks, use_counts


def normalize(function: Function) -> Function:
    """Replace the expression of a sigmoid by the operation."""
    origin, counts = definitions(function), use_counts(function)

    def definition(atom: Atom, op: str) -> Eqn | None:
        """The equation of a temporary that is used just here."""
        if not isinstance(atom, Var) or atom.user or counts.get(atom) != 1:
            return None
        eqn = origin.get(atom)
        return eqn if eqn is not None and eqn.op == op else None

    def sigmoid(eqn: Eqn) -> Eqn | None:
        if eqn.op != "div" or not _is_one(eqn.args[0]):
            return None
        total = definition(eqn.args[1], "add")
        if total is None:
            return None
        for one, part in (total.args, total.args[::-1]):
            power = definition(part, "exp") if _is_one(one) else None
            negated = definition(power.args[0], "neg") if power is not None else None
            if power is not None and negated is not None:
                return replace(eqn, op="sigmoid", args=negated.args, static={}, via=power.via)
        return None

    def changed(body: tuple[Eqn, ...]) -> tuple[Eqn, ...]:
        return tuple(
            sigmoid(eqn) or in_blocks(eqn, lambda b: replace(b, body=changed(b.body)))
            for eqn in body
        )

    return function.with_body(changed(function.body))


def _is_one(atom: Atom) -> bool:
    return isinstance(atom, Const) and not isinstance(atom.value, bool) and atom.value == 1
