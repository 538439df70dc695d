"""Second derivatives of elementwise operations, also at kinks of their text and for equal operands."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules.registry import OPS, Rule
from chainrule.testing import rules
from chainrule.testing.numeric import numeric_vjp

CALLED = [
    name for name, op in OPS.items() if op.elementwise and not op.formed and op.sample is not None
]
# Second derivatives that are NaN at 0, and for equal operands: limits of their formulas.
LIMITS = {"special.ellipk", "special.ellipe", "special.elliprf"}
# The numeric slope of a slope that is a difference is noise.
CALLED = [name for name in CALLED if name != "special.gammainccinv"]
# With equal operands they stand on a kink or a step.
KINKED = {"maximum", "minimum", "fmax", "fmin", "clip", "mod", "fmod", "math.remainder"}


def points(op):
    """Calls with Python floats only, and the same with all operands equal."""
    seen = set()
    for call in rules.generated(op):
        values = call.values
        if not all(type(v) is float for v in values):
            continue
        for chosen in (values, [values[0]] * len(values)):
            if op.name in KINKED and len(set(chosen)) < len(chosen):
                continue
            if (call.text, *chosen) not in seen:
                seen.add((call.text, *chosen))
                yield call.fun, call.text, chosen


@pytest.mark.parametrize("name", CALLED)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_second_derivatives(name):
    op = OPS[name]
    for fun, text, values in points(op):
        try:
            value = fun(*values)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        if not isinstance(value, float) or not np.isfinite(value):
            continue
        moving = [i for i, o in enumerate(op.operands) if isinstance(op.rules.get(o), Rule)]
        for i in moving:
            slope = cr.grad(fun, argnums=i)
            if not np.isfinite(slope(*values)):
                continue
            for j in moving:
                try:
                    found = cr.grad(slope, argnums=j)(*values)
                except cr.UnsupportedError as error:
                    assert error.code == "CR024"  # noqa: PT017  a slope by differences
                    continue
                if name in LIMITS and np.isnan(found):
                    continue
                expected = numeric_vjp(slope, values, j, 1.0)
                if not np.isfinite(expected):
                    continue
                error = abs(found - expected)
                assert error <= 1e-5 * max(1.0, abs(expected)), f"{text} at {values}, {i}, {j}"
