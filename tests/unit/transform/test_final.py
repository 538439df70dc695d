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


# -- slices ----------------------------------------------------------------------------------------


def factors(A):
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return np.sum(A * A)


def triangle(A):
    x = np.zeros(A.shape[0])
    for i in range(A.shape[0]):
        x[i] = (A[0, i] - A[i, :i] @ x[:i]) / A[i, i]
    return np.sum(x * x)


def a_row_at_a_time(A):
    B = A.copy()
    for i in range(1, A.shape[0]):
        B[i, 1:] = B[i - 1, 1:] * B[i, 0]
    return np.sum(B)


def the_rest_is_written(A):
    y = A[0] * 1.0
    for t in range(3):
        y[t] = np.sum(np.sin(y[t:]))
    return y.sum()


def a_part_is_written_again(A):
    y = A[0] * 1.0
    for t in range(1, 4):
        a = np.dot(y[:t], y[:t])
        y[:t] += a * y[:t]
    return y.sum()


def a_part_that_counts_from_the_end(A):
    y = A[0] * 1.0
    for t in range(3):
        y[t] = np.sum(y[: t - 1] ** 2) + y[t]
    return y.sum()


def every_other_one(A):
    y = A[0] * 1.0
    for t in range(3):
        y[t] = np.sum(np.sin(y[:t:2])) * y[t]
    return y.sum()


def a_number_in_all_of_a_part(A):
    y = A[0] * 1.0
    z = 0.0
    for t in range(1, 4):
        v = np.sin(y[:1] * t)
        y[t:] = v
        z = z + np.sum(v * v)
    return y.sum() * z


SLICES = [factors, triangle, a_row_at_a_time]
OTHER_SLICES = [
    the_rest_is_written, a_part_is_written_again, a_part_that_counts_from_the_end, every_other_one,
    a_number_in_all_of_a_part,
]  # fmt: skip
M = np.array(
    [[2.0, 0.3, -0.4, 0.2], [0.5, 3.0, 0.1, 0.7], [-0.2, 0.6, 2.5, 0.4], [0.1, 0.2, 0.3, 1.5]]
)


@pytest.mark.parametrize("fun", SLICES, ids=lambda f: f.__name__)
def test_final_slices_are_not_recorded(fun) -> None:
    assert list(cr.stages(fun, M).storage()) == []


@pytest.mark.parametrize("fun", [*SLICES, *OTHER_SLICES], ids=lambda f: f.__name__)
def test_gradients_through_slices(fun) -> None:
    cr.check_grads(fun, (0.4 * M,))


@pytest.mark.parametrize("fun", OTHER_SLICES[:4], ids=lambda f: f.__name__)
def test_slices_that_are_not_surely_final_are_recorded(fun) -> None:
    assert len(cr.stages(fun, M).storage()) > 0
