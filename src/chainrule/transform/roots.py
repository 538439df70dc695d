"""Roots that have a derivative where the chain rule gives `inf * 0`.

    s = sum(pow(x, 2)); r = sqrt(s)   ->   r = root(s)            0 at 0: |x| has a kink there
    s = sqrt(x); y = mul(x, s)        ->   y = monomial(x, s, x)  1.5 * x**0.5

What is 0 only where its slope is 0 is told by `analysis.vanishing`. Not found: `sin(x) * sqrt(x)`
and other products whose factors are no powers of one value; they give NaN at 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..analysis.sign import known
from ..analysis.vanishing import degree
from ..ir.program import Atom, Eqn, Function, Var, definitions, in_blocks
from ..ir.types import is_complex


def smooth_roots(function: Function) -> Function:
    """The function with such roots as operations of their own."""
    origin = definitions(function)

    def changed(eqn: Eqn) -> Eqn:
        eqn = in_blocks(eqn, lambda b: replace(b, body=tuple(map(changed, b.body))))
        if any(is_complex(v.type) for v in (*eqn.args, *eqn.outs)):
            return eqn  # a sum of squares of complex numbers may be 0 where they are not
        return _root(eqn, origin) or _monomial(eqn, origin) or eqn

    return function.with_body(tuple(map(changed, function.body)))


def _root(eqn: Eqn, origin: Mapping[Var, Eqn]) -> Eqn | None:
    """A root of a sum of squares."""
    power = _fraction(eqn, origin)
    if power is None or eqn.via == "aug":
        return None
    vanishing = degree(eqn.args[0], origin)
    if vanishing is None or vanishing * power < 1:
        return None
    return replace(eqn, op="root" if eqn.op == "sqrt" else "rooted_power")


def _fraction(eqn: Eqn, origin: Mapping[Var, Eqn]) -> float | None:
    """The exponent between 0 and 1 that an equation raises its argument to."""
    if eqn.op == "sqrt":
        return 0.5
    exponent = known(eqn.args[1], origin) if eqn.op == "pow" else None
    return float(exponent.value) if exponent is not None and 0 < exponent.value < 1 else None


def _monomial(eqn: Eqn, origin: Mapping[Var, Eqn]) -> Eqn | None:
    """A product, or a power, of powers of one value, of which one is a root."""
    if eqn.op not in ("mul", "pow") or eqn.via != "":
        return None
    for base in _bases(eqn.args, origin):
        exponent = _exponent(eqn.out, base, {**origin, eqn.out: eqn})
        if exponent is not None and exponent >= 1:
            power = eqn.op == "pow"
            static = {"exponent": exponent, "power": power}
            op = "monomial_power" if power else "monomial"
            return replace(eqn, op=op, args=(*eqn.args, base), static=static, via="")
    return None


def _bases(atoms: tuple[Atom, ...], origin: Mapping[Var, Eqn]) -> Iterator[Var]:
    """The values under a root among these factors."""
    for atom in atoms:
        eqn = origin.get(atom) if isinstance(atom, Var) else None
        if eqn is None:
            continue
        if _fraction(eqn, origin) is not None and isinstance(eqn.args[0], Var):
            yield eqn.args[0]
        elif eqn.op in ("mul", "pow", "monomial", "monomial_power", "alias"):
            yield from _bases(eqn.args[:2], origin)


def _exponent(atom: Atom, base: Var, origin: Mapping[Var, Eqn]) -> float | None:
    """The power of `base` that a value is."""
    if atom is base:
        return 1.0
    eqn = origin.get(atom) if isinstance(atom, Var) else None
    if eqn is None:
        return None
    if eqn.op == "alias":
        return _exponent(eqn.args[0], base, origin)
    if eqn.op in ("mul", "monomial"):
        parts = [_exponent(arg, base, origin) for arg in eqn.args[:2]]
        return None if None in parts else sum(p for p in parts if p is not None)
    if eqn.op in ("pow", "sqrt", "monomial_power"):
        power = known(eqn.args[1], origin) if eqn.op != "sqrt" else None
        number = 0.5 if eqn.op == "sqrt" else None if power is None else float(power.value)
        inner = _exponent(eqn.args[0], base, origin)
        if inner is None or number is None or number <= 0:
            return None
        # (x**2)**0.5 is |x|; with a root inside, or the value itself, x is not negative
        return inner * number if number.is_integer() or inner == 1 or inner % 1 else None
    return None
