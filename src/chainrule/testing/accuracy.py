"""How accurate the rules of elementwise operations are: units in the last place, against mpmath.

    python -m chainrule.testing.accuracy [name ...]

prints for each operand of each operation the worst error over its range, and where it is. The range is
that of `RANGES`, by default the interval that tests sample. An error in units in the last place is
that of the gradient, for a cotangent of one.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np

from ..api import vjp
from ..rules.registry import OPS, Interval, Op, Rule
from .rules import function

GOAL: Final = 4.0  # units in the last place
POINTS: Final = 400
TINY: Final = 1e-290  # below it numbers lose digits

# The derivative in each operand, in mpmath; `a` and `b` are the operands.
_EXACT: Final[dict[str, tuple[str, ...]]] = {
    "add": ("1", "1"), "sub": ("1", "-1"), "mul": ("b", "a"), "div": ("1 / b", "-a / (b * b)"),
    "pow": ("b * mp.power(a, b - 1)", "mp.power(a, b) * mp.log(a)"),
    "float_power": ("b * mp.power(a, b - 1)", "mp.power(a, b) * mp.log(a)"),
    "neg": ("-1",), "square": ("2 * a",), "reciprocal": ("-1 / (a * a)",),
    "sqrt": ("1 / (2 * mp.sqrt(a))",), "cbrt": ("1 / (3 * mp.cbrt(a * a))",), "exp": ("mp.exp(a)",),
    "exp2": ("mp.power(2, a) * mp.log(2)",), "expm1": ("mp.exp(a)",), "log": ("1 / a",),
    "log2": ("1 / (a * mp.log(2))",), "log10": ("1 / (a * mp.log(10))",), "log1p": ("1 / (1 + a)",),
    "logaddexp": ("1 / (1 + mp.exp(b - a))", "1 / (1 + mp.exp(a - b))"),
    "logaddexp2": ("1 / (1 + mp.power(2, b - a))", "1 / (1 + mp.power(2, a - b))"),
    "sin": ("mp.cos(a)",), "cos": ("-mp.sin(a)",), "tan": ("mp.sec(a) ** 2",),
    "arcsin": ("1 / mp.sqrt(1 - a * a)",), "arccos": ("-1 / mp.sqrt(1 - a * a)",),
    "arctan": ("1 / (1 + a * a)",), "sinh": ("mp.cosh(a)",), "cosh": ("mp.sinh(a)",),
    "tanh": ("mp.sech(a) ** 2",), "arcsinh": ("1 / mp.sqrt(1 + a * a)",),
    "arccosh": ("1 / mp.sqrt(a * a - 1)",), "arctanh": ("1 / (1 - a * a)",),
    "hypot": ("a / mp.sqrt(a * a + b * b)", "b / mp.sqrt(a * a + b * b)"),
    "arctan2": ("b / (a * a + b * b)", "-a / (a * a + b * b)"),
    "sinc": ("(mp.pi * a * mp.cos(mp.pi * a) - mp.sin(mp.pi * a)) / (mp.pi * a * a)",),
    "degrees": ("180 / mp.pi",), "radians": ("mp.pi / 180",), "rad2deg": ("180 / mp.pi",),
    "deg2rad": ("mp.pi / 180",), "abs": ("mp.sign(a)",), "fabs": ("mp.sign(a)",),
    "special.erf": ("2 / mp.sqrt(mp.pi) * mp.exp(-a * a)",),
    "special.erfc": ("-2 / mp.sqrt(mp.pi) * mp.exp(-a * a)",),
    "special.gamma": ("mp.gamma(a) * mp.digamma(a)",), "special.gammaln": ("mp.digamma(a)",),
    "special.digamma": ("mp.polygamma(1, a)",),
    "special.expit": ("1 / (2 + mp.exp(a) + mp.exp(-a))",), "special.logit": ("1 / (a * (1 - a))",),
    "special.log_expit": ("1 / (1 + mp.exp(a))",), "special.xlogy": ("mp.log(b)", "a / b"),
    "special.entr": ("-mp.log(a) - 1",), "special.ndtr": ("mp.npdf(a)",),
}  # fmt: skip

# Other ranges than those that tests sample, one for each operand: wider ones, and those up to the
# limits that `docs/conventions.md` states.
RANGES: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "exp": ((-600.0, 600.0),), "exp2": ((-900.0, 900.0),), "expm1": ((-600.0, 600.0),),
    "log": ((1e-200, 1e200),), "log2": ((1e-200, 1e200),), "log10": ((1e-200, 1e200),),
    "log1p": ((-0.999, 1e100),), "sqrt": ((1e-200, 1e200),), "cbrt": ((1e-200, 1e200),),
    "tanh": ((-1.0, 1.0),), "sinh": ((-600.0, 600.0),), "cosh": ((-600.0, 600.0),),
    "arctan": ((-1e100, 1e100),), "arcsinh": ((-1e100, 1e100),), "arccosh": ((1.001, 1e100),),
    "arcsin": ((-0.9999, 0.9999),), "arccos": ((-0.9999, 0.9999),), "arctanh": ((-0.9999, 0.9999),),
    "logaddexp": ((-1.0, 1.0), (-1.0, 1.0)), "logaddexp2": ((-1.0, 1.0), (-1.0, 1.0)),
    "hypot": ((1e-100, 1e100), (1e-100, 1e100)), "arctan2": ((1e-100, 1e100), (1e-100, 1e100)),
    "special.erf": ((-1.5, 1.5),), "special.erfc": ((-1.5, 1.5),), "sinc": ((-0.4, 0.4),),
    "pow": ((0.01, 50.0), (0.5, 20.0)), "reciprocal": ((1e-100, 1e100),),
    "special.gammaln": ((2.0, 1e10),), "special.digamma": ((1.0, 50.0),),
    "special.expit": ((-600.0, 1.0),), "special.logit": ((0.01, 0.4),),
}  # fmt: skip


@final
@dataclass(frozen=True)
class Worst:
    """The largest error of a rule, and the operands at which it is."""

    operation: str
    operand: str
    error: float
    at: tuple[float, ...]


def points(low: float, high: float, rng: np.random.Generator) -> Any:
    """Points of every size in a range, evenly spread over the exponents where it spans many."""
    if low > 0 and high / low > 1e4:
        return np.exp(rng.uniform(np.log(low), np.log(high), POINTS))
    even = rng.uniform(low, high, POINTS // 2)
    top = max(abs(low), abs(high))
    small = np.exp(rng.uniform(np.log(1e-12), np.log(top), POINTS - POINTS // 2))
    signed = small * rng.choice([-1.0, 1.0], small.size)
    return np.concatenate((even, np.where((signed > low) & (signed < high), signed, even[0])))


def operands(op: Op, rng: np.random.Generator) -> list[Any]:
    """Values for each operand."""
    ranges = RANGES.get(op.name)
    if ranges is None:
        sample = op.sample
        assert sample is not None
        each = (sample,) * len(op.operands) if isinstance(sample, Interval) else sample
        ranges = tuple((s.low, s.high) for s in each)
    return [points(low, high, rng) for low, high in ranges]


def slopes(op: Op) -> list[Callable[..., Any]]:
    """The exact derivative in each operand."""
    import mpmath

    names = {"mp": mpmath.mp}
    return [eval(f"lambda a, b=None: {text}", names) for text in _EXACT[op.name]]


def measured(op: Op) -> Iterator[Worst]:
    """The worst error for each operand that has a rule."""
    import mpmath

    values = operands(op, np.random.default_rng(5))
    template = next(t for via, t in op.spellings.items() if via != "math" or len(op.spellings) == 1)
    call = function(ast.unparse(template), op.operands)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        gradients = vjp(call, *values)[1](np.ones(POINTS))
    for k, (operand, slope) in enumerate(zip(op.operands, slopes(op), strict=True)):
        if not isinstance(op.rules.get(operand), Rule):
            continue
        worst = Worst(op.name, operand, 0.0, ())
        for i in range(POINTS):
            at = tuple(float(v[i]) for v in values)
            with mpmath.workdps(60):
                expected = mpmath.mpf(slope(*map(mpmath.mpf, at)))
                error = float(abs(mpmath.mpf(float(gradients[k][i])) - expected))
            size = abs(float(expected))
            if TINY < size < 1 / TINY and error / np.spacing(size) > worst.error:
                worst = Worst(op.name, operand, float(error / np.spacing(size)), at)
        yield worst


def report(names: list[str] | None = None) -> Iterator[Worst]:
    """The worst errors of all operations that mpmath knows, or of the named ones."""
    for name, op in OPS.items():
        if name in _EXACT and (not names or name in names):
            yield from measured(op)


def main() -> int:
    """Print the table, the worst first; 1 where a rule misses the goal."""
    found = sorted(report(sys.argv[1:]), key=lambda w: -w.error)
    for worst in found:
        where = ", ".join(f"{v:.6g}" for v in worst.at)
        print(f"{worst.error:10.1f} ulp  {worst.operation} in {worst.operand} at {where}")
    return int(any(w.error > GOAL for w in found))


if __name__ == "__main__":
    sys.exit(main())
