"""Tests of what a loop may reach in two ways."""

import numpy as np
import pytest

import chainrule as cr


def rows_in_place(x, A):
    for row in A:
        for _ in range(3):
            row += 0.3 * row
    return np.sum(A) * x


def rows_by_number(x, A):
    for k in range(3):
        row = A[k]
        for _ in range(2):
            row *= x
    return np.sum(A)


def a_view_that_is_taken_again(x, A):
    row = A[1]
    for _ in range(2):
        A[[0, 2]] = A[[2, 0]] * x
    for _ in range(2):
        row += 0.3 * row
    return np.sum(A * A)


@pytest.mark.parametrize("f", [rows_in_place, rows_by_number, a_view_that_is_taken_again])
def test_rows_that_an_inner_loop_changes_in_place_change_the_array(f):
    """Right or refused: the array was once read as it was before the loop."""
    A = np.arange(12.0).reshape(3, 4)
    try:
        value = cr.value_and_grad(f)(0.7, A)[0]
    except cr.UnsupportedError as error:
        value = error.code
    assert value in ("CR056", pytest.approx(f(0.7, A.copy())))
