"""Simplifying, teaching and known sizes change how a gradient is written and nothing else.

Each case stands alone and within expressions that leave something to simplify: numbers and signs as
factors, broadcast scalars, reductions of reductions, values used twice. All programs are verified
after every pass.
"""

import numpy as np
import pytest

from chainrule.pipeline import Options
from chainrule.rules.registry import OPS, NotWritten
from chainrule.testing import rules

PLAIN = Options(simplify=False, verify=True)
LEAN = Options(verify=True)
TEACH = Options(style="teach", verify=True)

AROUND = (
    "-np.mean({0})",
    "np.sum(2.0 * -({0}) / 3.0) * 0.5",
    "np.sum({0}) / np.size({0}) - np.sum(({0}) * ({0}))",
    "np.sum((({0}) - np.mean({0})) ** 2)",
    "1.0 / (1.0 + np.exp(-np.sum({0}) / 8.0))",
    "np.sum(np.where(({0}) > 0.6, ({0}), 0.0) * np.sum({0}))",
)

DIFFERENTIABLE = [
    name
    for name, op in OPS.items()
    if (op.cases or op.elementwise)
    and not any(isinstance(rule, NotWritten) for rule in op.rules.values())
]


def accepted(calls):
    """The calls that the plain function accepts."""
    for call in calls:
        try:
            with np.errstate(all="ignore"):
                call.fun(*rules.copied(call.values))
        except TypeError:
            continue
        yield call


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_same_gradients(name):
    calls = list(accepted(rules.calls(name)))
    rules.check_all(calls, lambda call: rules.check_options(call, PLAIN))
    rules.check_all(calls, lambda call: rules.check_options(call, LEAN, known_sizes=True))
    rules.check_all(calls, lambda call: rules.check_options(call, TEACH))


def contexts():
    for name in DIFFERENTIABLE:
        for case in OPS[name].cases:
            call = rules.case_call(case)
            value = call.fun(*rules.copied(call.values))
            results = value if isinstance(value, list | tuple) else [value]
            if rules.is_float(results[-1]):
                part = case if results is not value else f"({case})[{len(results) - 1}]"
                yield name, part, call
    for name in DIFFERENTIABLE:
        op = OPS[name]
