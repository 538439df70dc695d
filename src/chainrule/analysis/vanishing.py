"""Which values are sums of powers that are 0 only where each power is, and of what degree.

`np.sum(x**2)` and `x * x + y * y` have degree 2: where they are 0, `x` and `y` are 0, and so are
the slopes of the squares. A root of degree one half or more of such a value has a kink there (or a
slope), with 0 as an element of the subdifferential, where the chain rule would give `inf * 0`.
Safe way to err: None, which leaves the chain rule as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..ir.program import Atom, Eqn, Var
from ..ir.types import is_complex
from .sign import known

_DISTANCES: Final = {
    "abs": 1.0, "absolute": 1.0, "fabs": 1.0, "hypot": 1.0, "linalg.norm": 1.0, "root": 1.0,
    "std": 1.0, "var": 2.0, "square": 2.0,
}  # fmt: skip
_PARTS: Final = frozenset(
    {"sum", "mean", "index", "alias", "float", "number", "item", "reshape", "ravel", "expand_dims",
     "squeeze", "T", "transpose", "real", "pos"}
)  # fmt: skip
_PRODUCTS: Final = frozenset({"dot", "matmul", "inner", "vdot"})


def degree(atom: Atom, origin: Mapping[Var, Eqn]) -> float | None:
    """The least degree of the powers that the value is a sum of, None where it is no such sum."""
    eqn = origin.get(atom) if isinstance(atom, Var) else None
    if eqn is None or is_complex(atom.type):
        return None
    assert isinstance(atom, Var)
    if eqn.op in _DISTANCES:
        return _DISTANCES[eqn.op]
    if eqn.op in _PARTS and eqn.static.get("initial") is None:
        return degree(eqn.args[0], origin)
    if eqn.op == "pow":
        return _power(eqn, origin)
    if eqn.op in ("add", "mul", "div"):
        return _arithmetic(eqn, origin)
    if eqn.op in _PRODUCTS and eqn.args[0] is eqn.args[1]:
        return 2.0 if len(eqn.args[0].type.dims) == 1 else None
    if eqn.op == "einsum" and len(eqn.args) == 2 and eqn.args[0] is eqn.args[1]:
        one, _, other = str(eqn.static["subscripts"]).partition("->")[0].partition(",")
        return 2.0 if one.strip() == other.strip() else None
    if eqn.op in ("for", "while"):
        return _loop(eqn, atom, origin)
    return None


def _power(eqn: Eqn, origin: Mapping[Var, Eqn]) -> float | None:
    base, exponent = eqn.args
    power = known(exponent, origin)
    if power is None or not power.value > 0:
        return None
    if power.value % 2 == 0:
        return float(power.value)
    inner = degree(base, origin)
    return None if inner is None else inner * float(power.value)


def _arithmetic(eqn: Eqn, origin: Mapping[Var, Eqn]) -> float | None:
    a, b = eqn.args
    if eqn.op == "mul" and a is b:
        return 2.0
    if eqn.op == "add":
        degrees = [degree(arg, origin) for arg in (a, b) if not _is_number(arg, 0, origin)]
        found = [d for d in degrees if d is not None]
        return min(found) if found and len(found) == len(degrees) else None
    if _is_positive(b, origin):
        return degree(a, origin)
    return degree(b, origin) if eqn.op == "mul" and _is_positive(a, origin) else None


def _loop(eqn: Eqn, atom: Var, origin: Mapping[Var, Eqn]) -> float | None:
    """`s = 0.0`, and `s += u**2` in each trip."""
    block, place = eqn.blocks[-1], eqn.outs.index(atom)
    inits = eqn.args[-len(eqn.outs) :]
    params = block.params[-len(eqn.outs) :]
    end = block.results[place]
    last = origin.get(end) if isinstance(end, Var) else None
    if last is None or last.op != "add" or not _is_number(inits[place], 0, origin):
        return None
    terms = [arg for arg in last.args if arg is not params[place]]
    return degree(terms[0], origin) if len(terms) == 1 else None


def _is_number(atom: Atom, number: float, origin: Mapping[Var, Eqn]) -> bool:
    value = known(atom, origin)
    return value is not None and bool(value.value == number)


def _is_positive(atom: Atom, origin: Mapping[Var, Eqn]) -> bool:
    value = known(atom, origin)
    if value is not None:
        return bool(value.value > 0)
    eqn = origin.get(atom) if isinstance(atom, Var) else None
    return eqn is not None and eqn.op == "size"
