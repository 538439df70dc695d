"""Tests of where sizes are read: values that a branch or a call did not set have none."""

import numpy as np
import pytest

import chainrule as cr

A = np.array([[0.3, 0.9, -0.44, 1.2], [0.5, -0.7, 0.8, 0.1], [2.0, 0.6, -0.2, 0.45]])


def masked_in_a_branch(x, A):
    if x < 0.9:
        A[A > 0.4] *= x * x
    return np.sum(A * A)


def some(x, A):
    mask = 0.2 * x < A
    return np.sum(A[mask] ** 2) * x if mask.any() else 0.0


def column_then_row(x, A):
    part = A[:, 1]
    for _ in range(2):
        part = A[0] * x
    return np.sum(part * part)


def pair(p, v):
    w = v * p
    if w[0] > 0.1:
        return np.sin(w[1]), w
    w[1] = p
    return w[-1] - p, np.cos(w)


def not_set_by_a_call(x, A):
    x = np.tanh(1.3)
    _, v = pair(x, A[0])
    return x * np.sum(v)


@pytest.mark.parametrize("f", [masked_in_a_branch, some, column_then_row, not_set_by_a_call])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_second_derivatives(f, sign):
    """Sizes that could not be read, and zeros in the shape of None, were found here."""
    args, dots = (0.3, sign * A), (0.7, np.cos(A))
    product = cr.hvp(f, (0, 1))(*args, dots)
    assert [np.shape(p) for p in product] == [(), A.shape]

    def slopes(t):
        return cr.grad(f, (0, 1))(args[0] + t * dots[0], args[1] + t * dots[1])

    for found, low, high in zip(product, slopes(-1e-5), slopes(1e-5), strict=True):
        np.testing.assert_allclose(found, (high - low) / 2e-5, rtol=1e-6, atol=1e-8)
