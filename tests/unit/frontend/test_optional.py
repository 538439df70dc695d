"""Names that may be None: what they are where, and what happens where they are."""

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numeric import numeric_gradient


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


def asked_beside_another_test(x, c):
    row, s = None, x
    if c > 0:
        row = x * c
    if row is None or c > 5:
        s = s * 3
    if row is None:
        s = s + 10 * x
    return s


def asked_in_an_expression(x, c):
    row = None
    if c > 0:
        row = x * c
    s = 2.0 if row is not None and c < 5 else 1.0
    t = row is None or c > 2
    if row is None:
        return s * x * 7
    return s * x * row + (1.0 if t else 0.0) * x


def asked_and_left(x, c):
    row, i, s = None, 0, 0.0
    while True:
        if not (row is None or i < c):
            break
        if row is not None:
            s += row * x
        row = x * (i + 1.0) if row is None else row * 0.5
        i += 1
    return s + row**2


@pytest.mark.parametrize("f", [asked_beside_another_test, asked_in_an_expression, asked_and_left])
@pytest.mark.parametrize("c", [-1.0, 1.0, 4.0, 6.0])
def test_what_one_side_of_or_knows_is_known_there_only(f, c):
    """The names stayed what `x is None or ...` makes of them for its second part."""
    value, gradient = cr.value_and_grad(f)(2.0, c)
    assert value == f(2.0, c)
    assert gradient == pytest.approx(numeric_gradient(f, (2.0, c)), rel=1e-8)
