"""Additions to neighbours in loops of their own."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

_spec = importlib.util.spec_from_file_location(
    "support", Path(__file__).parents[2] / "run" / "support.py"
)
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

x = np.array([1.1, -0.3, 0.5, 0.7, 0.2, -0.9])
A = np.arange(20.0).reshape(4, 5) / 7.0 - 0.6


def heat(x, k):
    u = x * 1.0
    for _ in range(3):
        v = u.copy()
        for i in range(1, len(u) - 1):
            u[i] = v[i] + k * (v[i + 1] - 2.0 * v[i] + v[i - 1])
    return np.sum(u * u)


def heat_in_place(x, k):
    u = x * 1.0
    for _ in range(3):
        old = u[0]
        for i in range(1, len(u) - 1):
            now = u[i]
            u[i] = now + k * (u[i + 1] - 2.0 * now + old)
            old = now
    return np.sum(u * u)


def differences(x, k):
    s = 0.0
    for i in range(len(x) - 1):
        s += k * (x[i + 1] - x[i] ** 2) ** 2
    return s


def in_two_dimensions(A, k):
    B = A * 1.0
    for i in range(1, A.shape[0] - 1):
        for j in range(1, A.shape[1] - 1):
            B[i, j] = k * (A[i, j - 1] + A[i, j + 1] + A[i - 1, j] + A[i + 1, j]) + A[i, j]
    return np.sum(B * B)


def gauss_seidel(x, k):
    u = x * 1.0
    for _ in range(3):
        for i in range(1, len(u) - 1):
            u[i] = u[i] + k * (u[i + 1] - 2.0 * u[i] + u[i - 1])
    return np.sum(u * u)


def from_the_right(x, k):
    u = x * 1.0
    for _ in range(2):
        for i in range(len(u) - 2, 0, -1):
            u[i] = u[i] + k * (u[i + 1] - 2.0 * u[i] + u[i - 1])
    return np.sum(u * u)


def shifted_in_place(x, k):
    u = x * 1.0
    for i in range(len(u) - 2):
        u[i] = u[i + 2] * k + u[i + 1] * u[i]
    return np.sum(u * u * x)


def gathered(x, k):
    u = x * 1.0
    for i in range(2, len(u)):
        u[i] = u[i - 2] * k + u[i - 1] * u[i]
    return np.sum(u * u * x)


def a_sum_by_hand(x, k):
    u = np.zeros(len(x) + 2)
    for i in range(len(x)):
        u[i] += k * x[i]
        u[i + 1] += x[i] * x[i]
        u[i + 2] += x[i]
    return np.sum(u * u)


def a_sum_that_is_read(x, k):
    u = np.zeros(len(x) + 2)
    for i in range(len(x)):
        u[i + 1] += k * x[i]
        u[i + 2] += u[i] * x[i]
    return np.sum(u * u)


APART = [heat, heat_in_place, differences, in_two_dimensions, a_sum_by_hand]
OTHERS = [gauss_seidel, from_the_right, shifted_in_place, gathered, a_sum_that_is_read]


@pytest.mark.parametrize("fun", [*APART, *OTHERS], ids=lambda f: f.__name__)
def test_gradients(fun):
    first = A if fun is in_two_dimensions else x
    support.check_lowered(fun, (first, 0.3), ("A" if first is A else "x", "k"))
    support.check_lowered(fun, (first[:2] * 1.0, 0.3), ("A" if first is A else "x", "k"))


@pytest.mark.parametrize("fun", APART, ids=lambda f: f.__name__)
def test_neighbours_get_their_part_in_another_loop(fun):
    first = A if fun is in_two_dimensions else x
    assert "parts" in support.check_lowered(fun, (first, 0.3))


def test_an_element_that_is_read_later_stays():
    text = support.check_lowered(a_sum_that_is_read, (x, 0.3))
    forward = text[: text.index("backward")]
    assert "parts" not in forward
