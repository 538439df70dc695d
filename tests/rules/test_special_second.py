"""Second derivatives of the functions of `scipy.special`: the rules' own text is differentiated."""

import numpy as np
import pytest
from scipy import special

import chainrule as cr
from chainrule.rules.registry import HELPERS, OPS, Interval, NoDerivative, NotWritten
from chainrule.testing import rules

BY_PARAMETER = [
    "gammainc", "gammaincc", "gammaincinv", "gammainccinv", "betainc", "betaincc", "betaincinv",
    "betainccinv", "chdtr", "chdtrc", "chdtri", "stdtr", "stdtrit", "fdtr", "fdtrc",
]  # fmt: skip
# SciPy's own values are too rough for numeric differentiation of the slope.
ROUGH = {"special.hyperu"}
# Their formulas do not hold for equal arguments, which is what is tested.
EQUAL = {"special.elliprf", "special.elliprd"}
NAMES = [
    name
    for name, op in OPS.items()
    if name.startswith("special.") and op.elementwise and name not in ROUGH | EQUAL
]


def middle(op, position):
    sample = op.sample if isinstance(op.sample, Interval) else op.sample[position]
    if sample.ints:
        return int(sample.high)
    return sample.low + 0.61 * (sample.high - sample.low)


def moving(op):
    """The operands with a derivative; of the functions with slopes by differences, the last."""
    if op.name.removeprefix("special.") in BY_PARAMETER:
        return op.operands[-1:]
    return [o for o in op.operands if not isinstance(op.rules[o], NoDerivative | NotWritten)]


@pytest.mark.parametrize("name", NAMES)
def test_second_derivatives(name):
    op = OPS[name]
    values = {o: middle(op, i) for i, o in enumerate(op.operands)}
    chosen = [o for o in moving(op) if isinstance(values[o], float)]
    if not chosen:
        return
    text = f"{name}({', '.join(o if o in chosen else repr(values[o]) for o in op.operands)})"
    fun = rules.function(text, tuple(chosen))
    cr.check_grads(fun, tuple(values[o] for o in chosen), order=2)
    arrays = tuple(values[o] + np.array([0.0, 0.01, 0.02]) for o in chosen)
    cr.check_grads(rules.function(f"np.sum({text})", tuple(chosen)), arrays, order=2)


def test_second_derivative_of_hyperu():
    fun = rules.function("special.hyperu(2.1, 0.7, x)", ("x",))
    exact = 2.1 * 3.1 * special.hyperu(4.1, 2.7, 1.3)
    assert cr.grad(cr.grad(fun))(1.3) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize("name", sorted(EQUAL))
def test_second_derivatives_of_symmetric_integrals(name):
    fun = rules.function(f"{name}(x, y, z)", ("x", "y", "z"))
    cr.check_grads(fun, (0.7, 1.9, 1.2), order=2)


@pytest.mark.parametrize("name", [f"special.{n}" for n in BY_PARAMETER])
def test_second_derivatives_that_are_not_known_are_refused(name):
    op = OPS[name]
    values = [middle(op, i) for i in range(len(op.operands))]
    fun = rules.function(f"{name}({', '.join(op.operands)})", op.operands)
    with pytest.raises(cr.UnsupportedError, match="derivative") as raised:
        cr.hessian(fun, argnums=tuple(range(len(values))))(*values)
    assert raised.value.code in ("CR024", "CR025")


def test_helpers_have_a_derivative_in_their_last_operand_only():
    for name in HELPERS:
        *parameters, last = OPS[name].operands
        assert all(isinstance(OPS[name].rules[p], NotWritten) for p in parameters)
        assert not isinstance(OPS[name].rules[last], NotWritten)
