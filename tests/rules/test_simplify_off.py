"""Simplifying, teaching and known sizes change how a gradient is written and nothing else.

Each case stands alone and within expressions that leave something to simplify: numbers and signs as
factors, broadcast scalars, reductions of reductions, values used twice. All programs are verified
after every pass.
"""

from dataclasses import replace

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
    """The calls in double precision that the plain function accepts."""
    for call in calls:
        if rules.precision(call.values) == "float32":
            continue
        try:
            with np.errstate(all="ignore"):
                call.fun(*rules.copied(call.values))
        except TypeError:
            continue
        yield call


@pytest.mark.parametrize("name", DIFFERENTIABLE)
@pytest.mark.filterwarnings("ignore:Casting complex values")
def test_same_gradients(name):
    calls = list(accepted(rules.calls(name)))
    check(calls, PLAIN)
    check(calls, LEAN, known_sizes=True)
    if OPS[name].elementwise:
        check(calls[:4], TEACH)


def check(calls, options, **how):
    def checked(call):
        rules.right_or_refused(call, lambda call: rules.check_options(call, options, **how))

    rules.check_all(calls, checked)


def with_contexts(name):
    """Each case that has numbers, in one of the expressions around it."""
    for position, case in enumerate(OPS[name].cases):
        call = rules.case_call(case)
        value = call.fun(*rules.copied(call.values))
        part = f"({case})[{len(value) - 1}]" if isinstance(value, list | tuple) else case
        last = value[-1] if isinstance(value, list | tuple) else value
        if rules.is_float(last) and np.size(last):
            around = AROUND[position % len(AROUND)]
            if np.iscomplexobj(last):
                around = around.replace("({0}) >", "abs({0}) >")
            yield replace(call, text=around.format(part))


@pytest.mark.parametrize("name", [name for name in DIFFERENTIABLE if any(with_contexts(name))])
def test_same_gradients_within_expressions(name):
    calls = list(with_contexts(name))
    rules.check_all(calls, rules.check_call)
    rules.check_all(calls, lambda call: rules.check_options(call, PLAIN))
    rules.check_all(calls, lambda call: rules.check_options(call, LEAN, known_sizes=True))
    rules.check_all(calls, lambda call: rules.check_options(call, TEACH))
