"""Forward mode through functions with a pullback of the user's."""

import numpy as np
import pytest

import chainrule as cr

GAIN = 2.0


def outside(x, w):
    return np.sum(np.tanh(x * w))


def plain(x, w):
    return np.sum(np.tanh(x * w))


@cr.derivative(outside)
def outside_pullback(dy, x, w):
    slope = 1 - np.tanh(x * w) ** 2
    return slope * w * dy, slope * x * dy


X = np.array([0.1, 0.2, 0.3])
W = X + 1


def test_the_tangent_is_the_transpose_of_the_pullback():
    value, tangent = cr.jvp(lambda x, w: outside(x * w, w) ** 2, (X, W), (W, X))
    other, want = cr.jvp(lambda x, w: plain(x * w, w) ** 2, (X, W), (W, X))
    assert value == other
    assert tangent == pytest.approx(want)


def test_a_function_with_a_rule_itself():
    assert cr.jvp(outside, (X, W), (W, None))[1] == pytest.approx(
        cr.jvp(plain, (X, W), (W, None))[1]
    )


def test_second_derivatives_are_those_of_the_rule():
    found = cr.hessian(lambda x: outside(x, W) ** 2)(X)
    np.testing.assert_allclose(found, cr.hessian(lambda x: plain(x, W) ** 2)(X))


def scaled(x):
    return x * 3


@cr.derivative(scaled)
def scaled_pullback(dy):
    return GAIN * dy


def test_a_rule_that_reads_a_number_from_outside():
    assert cr.jvp(lambda x: scaled(x), (1.0,), (1.0,)) == (3.0, 2.0)


def no_slope(x, n):
    return x * n


@cr.derivative(no_slope)
def no_slope_pullback(dy, n):
    return None, 2 * dy


def test_an_argument_without_a_derivative():
    assert cr.jvp(lambda x: no_slope(x, x), (3.0,), (1.0,)) == (9.0, 2.0)
    assert cr.jvp(lambda x: no_slope(x, 2.0), (3.0,), (1.0,)) == (6.0, 0.0)


def softplus(x, n):
    return np.log1p(np.exp(x)) * n


@cr.derivative(softplus)
def softplus_pullback(dy, x, n):
    return np.clip(dy, -1, 1) * n / (1 + np.exp(-x)), None


@cr.derivative(softplus, mode="fwd")
def softplus_tangent(x_dot, x, n, y):
    return GAIN * n * x_dot / (1 + np.exp(-x)) + 0.0 * y


def test_a_tangent_of_the_users():
    value, tangent = cr.jvp(lambda x: np.sum(softplus(x, 3.0)), (X,), (W,))
    assert value == np.sum(np.log1p(np.exp(X)) * 3.0)
    assert tangent == pytest.approx(np.sum(2.0 * 3.0 * W / (1 + np.exp(-X))))


def test_rules_that_do_not_fit():
    with pytest.raises(TypeError, match="register the pullback of plain"):
        cr.derivative(plain, mode="fwd")(lambda x_dot: x_dot)
    with pytest.raises(TypeError, match="z_dot: no argument of softplus"):
        cr.derivative(softplus, mode="fwd")(lambda z_dot: z_dot)
    with pytest.raises(ValueError, match="mode 'forward'"):
        cr.derivative(softplus, mode="forward")
