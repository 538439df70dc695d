"""Values that are final when they are read are read from the array, others are recorded."""

import math

import numpy as np
import pytest

import chainrule as cr

A = np.array(
    [[4.0, 1.0, 0.5, 0.2], [1.0, 5.0, 0.3, 0.1], [0.5, 0.3, 6.0, 0.4], [0.2, 0.1, 0.4, 7.0]]
)


def lu(A):
    A = A * 1.0
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]
    return np.sum(A * A)


def forward_substitution(A):
    b = A[0] * 1.0
    n = len(b)
    for i in range(n):
        for j in range(i):
            b[i] -= A[i, j] * b[j]
    return b.sum()


def series(A):
    y = A[0] * 1.0
    for t in range(len(y) - 1):
        y[t + 1] = y[t + 1] + math.sin(y[t])
    return y.sum()


FINAL = [lu, forward_substitution, series]


def overwritten_later(A):
    y = A[0] * 1.0
    for t in range(len(y) - 1):
        y[t] = y[t] * y[t + 1]
    return y.sum()


def again_in_the_next_sweep(A):
    y = A[0] * 1.0
    for _ in range(2):
        for t in range(3):
            y[t + 1] = y[t + 1] * math.sin(y[t])
    return y.sum()


def from_the_end(A):
    y = A[0] * 1.0
    for t in range(len(y)):
        y[t] = y[t] + math.sin(y[t - 1])
    return y.sum()


def downwards(A):
    y = A[0] * 1.0
    for t in range(3, 0, -1):
        y[t - 1] = y[t - 1] * math.sin(y[t])
    return y.sum()


def in_a_branch(A):
    y = A[0] * 1.0
    for t in range(3):
        z = math.sin(y[t])
        if z > 0.1:
            y[t] = z * z
        y[t + 1] = y[t + 1] * z
    return y.sum()


def a_place_that_changes(A):
    y = A[0] * 1.0
    m = 0
    for t in range(3):
        y[t] = math.sin(y[m]) * y[t]
        m = t
    return y.sum()


def a_slice_is_written(A):
    y = A[0] * 1.0
    for t in range(3):
        y[t + 1] = y[t + 1] * math.sin(y[t])
        y[1:] *= y[t]
    return y.sum()


def written_after_the_loop(A):
    y = A[0] * 1.0
    for t in range(3):
        y[t + 1] = y[t + 1] * math.sin(y[t])
    s = y.sum()
    for t in range(4):
        y[t] = y[t] * y[t]
    return s * y.sum()


OTHERS = [
    overwritten_later, again_in_the_next_sweep, from_the_end, downwards, in_a_branch,
    a_place_that_changes, a_slice_is_written, written_after_the_loop,
]  # fmt: skip


@pytest.mark.parametrize("fun", FINAL, ids=lambda f: f.__name__)
def test_final_values_are_not_recorded(fun) -> None:
    assert list(cr.stages(fun, A).storage()) == []


@pytest.mark.parametrize("fun", [*FINAL, *OTHERS], ids=lambda f: f.__name__)
def test_gradients(fun) -> None:
    cr.check_grads(fun, (A,))


@pytest.mark.parametrize("fun", OTHERS[:7], ids=lambda f: f.__name__)
def test_what_is_not_surely_final_is_recorded(fun) -> None:
    assert len(cr.stages(fun, A).storage()) > 0
