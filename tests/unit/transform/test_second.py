"""Second derivatives as the gradient of a tangent."""

import numpy as np
import pytest

import chainrule as cr


def power(x, n):
    return x if n == 1 else x * power(x, n - 1)


def fourier(re, im):
    n = len(re)
    if n == 1:
        return re, im
    even_re, even_im = fourier(re[::2], im[::2])
    odd_re, odd_im = fourier(re[1::2], im[1::2])
    angle = 2.0 * np.pi * np.arange(n // 2) / n
    c, s = np.cos(angle), -np.sin(angle)
    t_re, t_im = c * odd_re - s * odd_im, c * odd_im + s * odd_re
    return (
        np.concatenate([even_re + t_re, even_re - t_re]),
        np.concatenate([even_im + t_im, even_im - t_im]),
    )


def centre(x):
    re, im = fourier(x, np.zeros(len(x)))
    powers = re**2 + im**2
    return np.sum(powers * np.arange(len(x))) / np.sum(powers)


def steps(x):
    s = x
    for _ in cr.checkpoint(range(7)):
        s = s + 0.1 * np.sin(s) * x
    return np.sum(s**2)


def test_a_function_that_calls_itself():
    assert cr.hessian(lambda x: power(x, 4))(2.0) == pytest.approx(48.0)


def test_sizes_of_tangents_within_are_read_where_they_are_needed():
    x = np.array([0.3, 0.4, 0.5, 0.7])
    found = cr.hessian(centre)(x)
    np.testing.assert_allclose(found, found.T, rtol=1e-12)
    cr.check_grads(centre, (x,), order=2)


def test_a_checkpointed_loop():
    cr.check_grads(steps, (np.array([0.3, 0.8]),), order=2)
