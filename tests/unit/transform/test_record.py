"""What is recorded, and what is had from other records."""

import math

import numpy as np
import pytest

import chainrule as cr


def recorded(f, *args):
    """The values that the program records."""
    return [r.value for r in cr.stages(f, *args).storage()]


def checked(f, *args):
    cr.check_grads(f, args)


def cell(x, n):
    v = np.zeros(3) + 0.1
    for i in range(n):
        v = np.tanh(v * x + i)
    return v.sum()


def test_the_result_of_a_trip_is_what_the_next_begins_with() -> None:
    assert recorded(cell, 2.0, 3) == ["v"]
    checked(lambda x: cell(x, 3), 0.3)
    checked(lambda x: cell(x, 0), 0.3)
    checked(lambda x: cell(x, 1), 0.3)


def test_also_where_trips_are_counted() -> None:
    def f(x):
        v = x
        n = 0
        while n < 5:
            n += 1
            v = np.exp(-v * x)
            if v < 0.2:
                break
        return v

    assert recorded(f, 0.7) == ["v"]
    checked(f, 0.7)
    checked(f, 3.0)


def test_in_a_loop_in_a_loop() -> None:
    def f(x, n):
        total = 0.0
        v = x
        for _ in range(n):
            for _ in range(2):
                v = np.exp(-v * x)
            total = total + v * total + v
        return total

    checked(lambda x: f(x, 3), 0.7)


def test_the_array_after_the_loop_is_read_as_the_loop_left_it() -> None:
    def f(x):
        v = x * 1.0
        for _ in range(3):
            v = np.exp(-v * x)
        last = v.sum()
        v[0] = 5.0
        return last + (v * x).sum()

    checked(f, np.array([0.5, 0.7]))


def test_a_quotient_of_recorded_numbers_is_computed_again() -> None:
    def f(a):
        x = a
        for _ in range(4):
            x = 0.5 * (x + a / x)
        return x

    assert recorded(f, 2.0) == ["x"]
    checked(f, 2.0)


def test_a_comparison_of_recorded_numbers_is_computed_again() -> None:
    def f(x, n):
        s = x
        for _ in range(n):
            if s > 1.0:
                s = s * s * 0.5
            s = math.sin(s) + x * s
        return s

    assert recorded(f, 2.0, 3).count("s") == 2
    assert "gt" not in " ".join(recorded(f, 2.0, 3))
    checked(lambda x: f(x, 4), 0.9)


def test_a_linear_recurrence_records_nothing_of_its_state() -> None:
    def f(u, a):
        x = 0.0
        for i in range(len(u)):
            x = 0.5 * x + u[i] * a
        return x

    assert recorded(f, np.ones(4), 2.0) == []
    checked(f, np.array([1.0, 2.0]), 0.5)


def test_a_new_array_is_recorded_without_a_copy() -> None:
    def f(u, k):
        u = u * 1.0
        for _ in range(3):
            change = u[2:] - 2 * u[1:-1] + u[:-2]
            u[1:-1] += k * change
        return np.sum(u**2)

    assert "change_at.append(change)" in str(cr.stages(f, np.ones(5), 0.1))
    checked(f, np.array([1.0, 2.0, 0.5, 3.0]), 0.1)


def test_an_array_that_is_written_later_is_recorded_as_a_copy() -> None:
    def f(u, k):
        for _ in range(3):
            change = u * k
            u = np.sin(change)
            change[0] = 0.0
            u += change
        return np.sum(u**2)

    checked(f, np.array([1.0, 2.0, 0.5]), 0.4)


@pytest.mark.parametrize("n", [0, 1, 4])
def test_swapped_values(n) -> None:
    def f(x, y):
        for _ in range(n):
            x, y = np.sin(x * y), x + y
        return x * y

    checked(f, 0.4, 0.7)
