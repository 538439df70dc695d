"""Names that may be None: what they are where, and what happens where they are."""

import numpy as np
import pytest

import chainrule as cr


def smallest(xs):
    best = None
    for x in xs:
        if best is None or x < best:
            best = x
    return best


def doubled(xs):
    best = None
    for x in xs:
        if best is None or x < best:
            best = x
    return best * 2.0


def reset(x):
    """None again on the side where it was set."""
    y = x
    if x > 1.0:
        y = None
    if y is not None:
        if x < 0.0:
            y = None
        else:
            y = y * x
    return x * 5.0 if y is None else y


@pytest.mark.parametrize("fun", [smallest, doubled])
def test_a_number_is_needed_where_python_needs_one(fun):
    xs = np.array([2.0, 1.0, 3.0])
    np.testing.assert_array_equal(cr.grad(fun)(xs) > 0.0, [False, True, False])
    with pytest.raises(TypeError, match="best is None"):
        cr.grad(fun)(np.zeros(0))


@pytest.mark.parametrize(("x", "expected"), [(2.0, 5.0), (0.5, 1.0), (-1.0, 5.0)])
def test_set_to_none_on_one_side(x, expected):
    assert cr.grad(reset)(x) == expected
