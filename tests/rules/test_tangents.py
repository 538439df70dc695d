"""Every operand of every operation has a tangent, and each agrees with the pullback."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules.registry import (
    OPS,
    Linear,
    NoDerivative,
    NotWritten,
    Rule,
    linear,
    tangent,
    tangent_of,
)
from chainrule.testing import tangents
from chainrule.testing.rules import case_call, resized

TESTED = [name for name, op in OPS.items() if op.cases or op.sample is not None]
# Sizes that are too small for the formula of the pullback that tangents are compared with.
LIMITS = {"diag", "diagonal", "diff", "scipy.signal.correlate", "scipy.signal.lfilter"}
SIZED = [
    name
    for name, op in OPS.items()
    if any(any(resized(case_call(case))) for case in op.cases)
    and not any(isinstance(tangent_of(op, operand), NotWritten) for operand in op.operands)
    and name not in LIMITS
]


# Those of lists and of functions from outside: transform/tangent_lists.py and custom rules.
RULED = [name for name in OPS if not name.startswith("list_") and name != "external"]


@pytest.mark.parametrize("name", RULED)
def test_the_tangent_of_every_operand_is_decided(name):
    op = OPS[name]
    for operand in op.operands:
        decision = tangent_of(op, operand)
        assert isinstance(decision, Rule | Linear | NoDerivative | NotWritten), operand
        constant = isinstance(op.rules[operand], NoDerivative)
        assert constant == isinstance(decision, NoDerivative), operand


@pytest.mark.parametrize("name", TESTED)
def test_tangents_agree_with_pullbacks(name):
    tangents.check_tangents(name)


@pytest.mark.parametrize("name", SIZED)
def test_sizes_of_one_and_zero(name):
    tangents.check_tangent_sizes(name)


def test_declarations_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="decided twice"):
        linear("sum")
    with pytest.raises(ValueError, match="no operand b"):
        linear("sum", "b")
    with pytest.raises(ValueError, match="must be a_dot"):
        tangent("y = np.sum(a)", wrt="a")(lambda dy: dy)
    with pytest.raises(ValueError, match="no such value: other"):
        tangent("y = np.sum(a)", wrt="a")(lambda a_dot, other: a_dot)


# -- what the dot-product test cannot see: points where both rules have a convention ---------------


def test_ties_share():
    x = np.array([1.0, 3.0, 3.0])
    assert cr.jvp(np_max, (x,), (np.array([5.0, 1.0, 2.0]),))[1] == 1.5


def np_max(x):
    return np.max(x)


def test_constants_of_options_have_no_tangent():
    def padded(x):
        return np.pad(x, 1, constant_values=7.0), np.sum(x, initial=3.0), np.diff(x, prepend=2.0)

    wide, total, steps = cr.jvp(padded, (np.ones(2),), (np.array([1.0, 2.0]),))[1]
    np.testing.assert_array_equal(wide, [0.0, 1.0, 2.0, 0.0])
    assert total == 3.0
    np.testing.assert_array_equal(steps, [1.0, 1.0])


def test_the_tangent_of_a_running_product_at_zeros():
    def product(x):
        return np.cumprod(x)

    x = np.array([2.0, 0.0, 3.0, 0.0])
    dot = np.array([1.0, 1.0, 1.0, 1.0])
    np.testing.assert_array_equal(cr.jvp(product, (x,), (dot,))[1], [1.0, 2.0, 6.0, 0.0])
