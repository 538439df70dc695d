"""Gradients that a caller may keep: copied where they share memory, and only there."""

import numpy as np

import chainrule as cr


def signum(x):
    return np.sum(x * 2.0) if np.sum(x) > 0.0 else np.sum(x**2)


def passes_on(x, y):
    """On one side, both get the gradient that comes in."""
    z = x + y if np.sum(x) > 0.0 else x * y
    return z * 1.0


def kept(a):
    return a if np.sum(a) > 100.0 else kept(a * 2.0)


def test_a_gradient_made_in_a_branch_is_writable():
    for x in (np.ones(3), -np.ones(3)):
        gradient = cr.grad(signum)(x)
        gradient[0] = 7.0
        np.testing.assert_array_equal(x, x[0])


def test_gradients_of_a_branch_share_no_memory():
    x, y, seed = np.ones(3), np.full(3, 2.0), np.full(3, 3.0)
    _, pull = cr.vjp(passes_on, x, y)
    dx, dy = pull(seed)
    dx[:] = 0.0
    np.testing.assert_array_equal(dy, 3.0)
    np.testing.assert_array_equal(seed, 3.0)


def test_a_recursive_function_hands_on_no_memory_of_its_caller():
    x, seed = np.full(3, 50.0), np.ones(3)
    _, pull = cr.vjp(kept, x)
    (dx,) = pull(seed)
    dx[:] = 0.0
    np.testing.assert_array_equal(seed, 1.0)
    np.testing.assert_array_equal(pull(seed)[0], 1.0)
