"""`check_grads`: it is silent for what is right, and says where something is wrong."""

import numpy as np
import pytest

import chainrule as cr


def test_right_derivatives():
    cr.check_grads(lambda x, y: x * y**2, (2.0, 3.0), order=2)
    cr.check_grads(lambda x: (x**2, {"a": [x, 1]}), (np.ones(2),))
    cr.check_grads(lambda x: x**3, (2,), order=2)


def test_single_precision():
    def f(p, n):
        return np.sum(p["a"] ** 3) * n * p["b"][0]

    cr.check_grads(f, ({"a": np.ones(2, np.float32), "b": (1.5,)}, 2))


def stopped(x):
    return np.sum(x) ** 2 + cr.stop_gradient(np.sum(x))


@pytest.mark.parametrize(
    ("mode", "message"), [("rev", "gradients disagree"), ("fwd", "a tangent disagrees")]
)
def test_wrong_derivatives(mode, message):
    with pytest.raises(AssertionError, match=message):
        cr.check_grads(stopped, (np.ones(2),), modes=(mode,))


def test_wrong_second_derivatives():
    def cubed(x):
        return x**3

    @cr.derivative(cubed)
    def cubed_pullback(dy, x):
        return 3 * cr.stop_gradient(x) ** 2 * dy

    def f(x):
        return cubed(x)

    cr.check_grads(f, (2.0,))
    with pytest.raises(AssertionError, match="second derivatives disagree"):
        cr.check_grads(f, (2.0,), order=2)


def test_unknown_orders_and_modes():
    with pytest.raises(ValueError, match="order 3"):
        cr.check_grads(stopped, (np.ones(2),), order=3)
    with pytest.raises(ValueError, match="mode 'forward'"):
        cr.check_grads(stopped, (np.ones(2),), modes=("forward",))


def halved(x):
    return np.sin(x) * x


@cr.derivative(halved)
def halved_pullback(dy, x):
    return 0.5 * dy * (np.sin(x) + x * np.cos(x))


def test_weights_of_several_results_are_told():
    with pytest.raises(AssertionError, match="each with a fixed random weight"):
        cr.check_grads(halved, (np.ones(2),))
    with pytest.raises(AssertionError) as one:
        cr.check_grads(lambda x: np.sum(halved(x)), (np.ones(2),))
    assert "weight" not in str(one.value)


def writes_both(u, w):
    w[0] += u[1] * 2
    u[1] *= w[0]
    return np.sum(u**2) + np.sum(w**3)


def test_a_function_that_writes_into_its_arguments_is_called_on_copies():
    u, w = np.array([1.0, 2.0]), np.array([0.5, 1.5])
    cr.check_grads(writes_both, (u, w))
    assert u[1] == 2.0
    assert w[0] == 0.5
